import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelConfig } from '../triton/model-config.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { nearest } from '../util/nearest.js';
import { fail, ok, type Result } from '../util/result.js';
import type { Executed, Instance } from './instance.js';
import { KINDS } from './kinds/index.js';
import type { KindModel } from './model.js';

/**
 * The work of a model of the Python backend, done here: td.json beside model.py names it. Failures: 'kind-missing' for a
 * model.py that is not ours, 'kind-unknown', and what the kind itself has to say.
 */
export async function openKindInstance(versionFolder: string, config: ModelConfig): Promise<Result<Instance, Failure>> {
  const settings = await readSettings(join(versionFolder, 'td.json'));
  if (!settings.ok) return settings;
  const { kind } = settings.value;
  if (typeof kind !== 'string' || !Object.hasOwn(KINDS, kind)) return fail(unknownKind(kind, versionFolder));
  const loaded = await KINDS[kind]!({ versionFolder, config, settings: settings.value });
  return loaded.ok ? ok(instanceOf(loaded.value)) : loaded;
}

async function readSettings(path: string): Promise<Result<Readonly<Record<string, unknown>>, Failure>> {
  const problem = (found: string) =>
    fail(
      usageFailure('kind-missing', 'td serve runs no Python, and nothing says what this model does', {
        where: path,
        expected: 'a JSON object with the member "kind", as td build writes it',
        found,
        fix: 'build the repository again, or serve models of your own with Triton',
      }),
    );
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return problem('no such file');
  }
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return ok(json as Record<string, unknown>);
    return problem('no object');
  } catch (error) {
    return problem((error as Error).message);
  }
}

function unknownKind(kind: unknown, versionFolder: string): Failure {
  const close = typeof kind === 'string' ? nearest(kind, Object.keys(KINDS)) : undefined;
  return usageFailure('kind-unknown', 'td serve does not know this kind of model', {
    where: join(versionFolder, 'td.json'),
    expected: Object.keys(KINDS).join(', '),
    found: JSON.stringify(kind) ?? 'nothing',
    ...(close === undefined ? {} : { fix: `did you mean '${close}'?` }),
  });
}

function instanceOf(model: KindModel): Instance {
  return {
    async execute(requests, context): Promise<Executed> {
      const start = performance.now();
      const answers = await model.execute!(requests, context);
      const computeInfer = performance.now() - start;
      return { answers, spent: { computeInput: 0, computeInfer, computeOutput: 0 } };
    },
    ...(model.stream ? { stream: (request, context) => model.stream!(request, context) } : {}),
    close: async () => model.unload?.(),
  };
}
