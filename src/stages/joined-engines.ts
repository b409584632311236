import { join } from 'node:path';
import { readDescription } from '../tensorrt/description.js';
import { type Artefact, type EngineVariant, type RepositoryFile, variantFile } from '../triton/repository.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { canonicalJson, type Json, prettyJson } from '../util/json.js';
import { fail, ok, type Result } from '../util/result.js';

/** An artefact that is served together with others, under the name of `target`. */
export interface JoinableArtefact extends Artefact {
  readonly joined?: Omit<EngineVariant, 'artefact'> & { readonly target: string };
}

/**
 * Makes one artefact of those that are joined, in the place of the first. Failure 'triton-join' where a server could not treat them alike: they
 * are of two releases of TensorRT, or take and give other tensors or have other profiles.
 * @param folders of the engines, by artefact
 */
export function joinEngines(
  artefacts: readonly JoinableArtefact[],
  folders: Readonly<Record<string, string>>,
): Result<readonly Artefact[], Failure> {
  const made: Artefact[] = [];
  const nameOf = ({ id, joined, precision }: JoinableArtefact) => (joined ? `${joined.target}/${precision}` : id);
  for (const artefact of artefacts) {
    const { joined, ...first } = artefact;
    if (joined === undefined) {
      made.push(first);
      continue;
    }
    const group = artefacts.filter(other => nameOf(other) === nameOf(artefact));
    if (group[0] !== artefact) continue;
    const differing = difference(group, folders);
    if (differing) return fail(differing);
    const variants = group.map(({ id, joined }) => {
      const { computeCapability, suffix } = joined!;
      return { artefact: id, computeCapability, suffix };
    });
    const contents = group.flatMap(({ contents = {}, joined }) =>
      Object.entries(contents).map(([file, bytes]) => [variantFile(file, joined!), bytes] as const),
    );
    made.push({
      ...first,
      target: joined.target,
      variants,
      ...(first.contents ? { contents: Object.fromEntries(contents) } : {}),
    });
  }
  return ok(made);
}

function difference(
  [first, ...others]: readonly JoinableArtefact[],
  folders: Readonly<Record<string, string>>,
): Failure | undefined {
  const facts = ({ id, networks, profiles }: Artefact) => ({
    'releases of TensorRT': readDescription(folders[id]!).tensorrt,
    'inputs and outputs': canonicalJson(networks as unknown as Json),
    'numbers of profiles': `${profiles}`,
  });
  const expected = facts(first!);
  for (const other of others) {
    const found = facts(other);
    for (const name of Object.keys(expected) as (keyof typeof expected)[]) {
      if (found[name] === expected[name]) continue;
      const isShort = name !== 'inputs and outputs';
      return usageFailure('triton-join', `the engines of one model have different ${name}`, {
        where: 'triton.joinTargets',
        expected: isShort ? `${expected[name]}, as ${first!.id} has` : `those of ${first!.id}`,
        found: isShort ? `${found[name]} of ${other.id}` : `others of ${other.id}`,
        fix: 'build both with the same release and the same profiles, or remove the target from joinTargets',
      });
    }
  }
  return undefined;
}

/** engine.json beside joined engines: what each of them is, by the name that it has there. */
export function joinedDescription(
  { variants = [] }: Artefact,
  folder: string,
  folders: Readonly<Record<string, string>>,
): RepositoryFile[] {
  if (variants.length === 0) return [];
  const engines = variants.flatMap(variant => {
    const { schema: _, engines, ...common } = readDescription(folders[variant.artefact]!);
    return Object.entries(engines).map(([file, facts]) => [variantFile(file, variant), { ...common, ...facts }]);
  });
  const description = { schema: 'transformer-deploy/engine/1', engines: Object.fromEntries(engines) };
  return [{ path: `${folder}/engine.json`, content: prettyJson(description) }];
}

/** Where the linter finds the networks of an artefact, which the plan puts into `folder`: its own folder, or each joined engine. */
export function placedNetworks(
  { id, variants, networks }: Artefact,
  folder: string,
  folders: Readonly<Record<string, string>>,
): readonly (readonly [place: string, from: string])[] {
  if (variants === undefined) return [[folder, folders[id]!]];
  return variants.flatMap(variant =>
    Object.keys(networks).map(
      file => [`${folder}/${variantFile(file, variant)}`, join(folders[variant.artefact]!, file)] as const,
    ),
  );
}
