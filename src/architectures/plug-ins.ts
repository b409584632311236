import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import type { Architecture } from './architecture.js';

/** An architecture of the user's, and where it comes from. */
export interface PlugIn {
  /** As messages name it: './my-architecture.ts'. */
  readonly module: string;
  readonly architecture: Architecture;
}

/** A module of the user's repository. */
export interface PlugInModule {
  /** As messages name it. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

/**
 * Loads modules, TypeScript or JavaScript, and takes from each all exports that are architectures.
 * Failures: 'architecture-threw', 'architecture-none', 'architecture-incomplete', 'architecture-twice'.
 */
export async function loadPlugIns(modules: readonly PlugInModule[]): Promise<Result<readonly PlugIn[], Failure>> {
  const found: PlugIn[] = [];
  for (const module of modules) {
    const exported = await exportsOf(module);
    if (!exported.ok) return exported;
    const architectures = architecturesIn(exported.value, module.name);
    if (!architectures.ok) return architectures;
    for (const architecture of architectures.value) {
      const other = found.find(before => before.architecture.modelType === architecture.modelType);
      if (other && other.architecture !== architecture) return fail(twice(architecture, other.module, module.name));
      if (!other) found.push({ module: module.name, architecture });
    }
  }
  return ok(found);
}

async function exportsOf({ name, path }: PlugInModule): Promise<Result<Readonly<Record<string, unknown>>, Failure>> {
  const { createJiti } = await import('jiti');
  const authoring = await import('./authoring.js');
  const jiti = createJiti(path, {
    // A clone of this repository, or a global installation, cannot be resolved as a package.
    virtualModules: { 'transformer-deploy/architecture': authoring },
    // What is run is what was looked at, whatever an earlier process left.
    fsCache: false,
    interopDefault: false,
  });
  try {
    return ok(await jiti.import<Readonly<Record<string, unknown>>>(path));
  } catch (error) {
    return fail(plugInThrew(error, name));
  }
}

/** What code of the user's has thrown, while it was loaded or used. */
export function plugInThrew(error: unknown, module: string): Failure {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  const frames = (stack ?? '')
    .split('\n')
    .filter(line => /^\s+at .*[/\\]/.test(line) && !line.includes('node_modules'));
  return usageFailure('architecture-threw', 'a module with architectures threw an error', {
    where: module,
    found: message.split('\n')[0]!,
    ...(frames.length > 0 ? { details: frames.slice(0, 4).map(line => line.trim()) } : {}),
  });
}

/** What an architecture has, by the types of JavaScript. */
const MEMBERS: Readonly<Record<Exclude<keyof Architecture, 'leftOut'>, string>> = {
  modelType: 'string',
  basePrefix: 'string',
  readConfig: 'function',
  maxSequence: 'function',
  heads: 'object',
};

/** Exports may be anything; what says `modelType` is meant as an architecture, and must then be whole. */
function architecturesIn(
  exported: Readonly<Record<string, unknown>>,
  module: string,
): Result<readonly Architecture[], Failure> {
  const candidates = Object.entries(exported).flatMap(([name, value]): [string, object][] =>
    (Array.isArray(value) ? value : [value])
      .filter(one => typeof one === 'object' && one !== null && 'modelType' in one)
      .map((one: object) => [name, one]),
  );
  for (const [name, candidate] of candidates) {
    const members = candidate as Readonly<Record<string, unknown>>;
    const wrong = Object.entries(MEMBERS).find(
      ([member, type]) => typeof members[member] !== type || members[member] === null,
    );
    const [member, type] = wrong ?? (Array.isArray(members.leftOut) ? [] : ['leftOut', 'list of regular expressions']);
    if (member === undefined) continue;
    return fail(
      usageFailure('architecture-incomplete', 'an exported architecture lacks a part', {
        where: `${module}: ${name}`,
        expected: `${member}, a ${type}`,
        found: members[member] === undefined ? 'nothing' : `a ${typeof members[member]}`,
        fix: 'write it with defineArchitecture: the compiler then tells what is missing',
      }),
    );
  }
  if (candidates.length > 0) return ok([...new Set(candidates.map(([, candidate]) => candidate as Architecture))]);
  return fail(
    usageFailure('architecture-none', 'a module that should have architectures exports none', {
      where: module,
      expected: 'export const mine = defineArchitecture({ modelType: … })',
      found: Object.keys(exported).join(', ') || 'no export',
      fix: "import { defineArchitecture } from 'transformer-deploy/architecture'",
    }),
  );
}

const twice = ({ modelType }: Architecture, first: string, second: string): Failure =>
  usageFailure('architecture-twice', `two architectures are for the model type '${modelType}'`, {
    where: 'architectures',
    expected: 'one for each model_type',
    found: first === second ? `two in ${first}` : `one in ${first}, one in ${second}`,
  });
