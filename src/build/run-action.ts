import { mkdirSync, symlinkSync } from 'node:fs';
import { lstat, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Failure, taskFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { type ContentStore, FileStillChanging } from './content-store.js';
import { fileSystemFailure, isMissing } from './file-system-failure.js';
import { placesOf, withKnownPlaces } from './known-places.js';
import type { Cost, Outputs } from './result.js';
import type { FileNode, Progress, Task, Tree } from './task.js';
import type { WorkerPool, WorkerReply } from './worker-pool.js';

/** Absolute paths of one input: path inside it -> file; '' alone is a single file. */
export type InputPaths = Readonly<Record<string, string>>;

export interface ActionRun {
  readonly task: Task;
  readonly inputs: Readonly<Record<string, InputPaths>>;
  /** Does not exist yet; gone afterwards. */
  readonly folder: string;
  readonly registry: URL;
  readonly signal?: AbortSignal;
  onProgress(progress: Progress): void;
}

export type ActionOutcome =
  | { readonly ok: true; readonly outputs: Outputs; readonly cost: Cost }
  | { readonly ok: false; readonly failure: Failure; readonly crashed: boolean };

/** Runs a task's stage in a worker and takes its outputs into the store. Nothing is left of an attempt that failed. */
export async function runAction(run: ActionRun, workers: WorkerPool, store: ContentStore): Promise<ActionOutcome> {
  const { task, folder } = run;
  try {
    const inputs = layInputs(run.inputs, join(folder, 'in'));
    const out = Object.fromEntries(task.outputs.map((name, index) => [name, join(folder, 'out', `${index}`, name)]));
    for (const path of Object.values(out)) mkdirSync(dirname(path), { recursive: true });
    const scratch = join(folder, 'scratch');
    mkdirSync(scratch);

    const { stage, params, hints } = task;
    const request = {
      registry: run.registry.href,
      stage,
      params,
      ...(hints === undefined ? {} : { hints }),
      in: inputs,
      out,
      scratch,
    };
    const reply = await workers.run(request, run.onProgress, run.signal);
    if (!reply.result.ok) {
      const failure = withKnownPlaces(reply.result.error, placesOf(task, inputs));
      return { ok: false, failure, crashed: reply.crashed ?? false };
    }

    const outputs = await collect(task, out, store);
    if (!outputs.ok) return { ok: false, failure: outputs.error, crashed: false };
    return { ok: true, outputs: outputs.value, cost: costOf(reply, outputs.value) };
  } catch (error) {
    if (error instanceof FileStillChanging) return { ok: false, failure: stillChanging(task, error), crashed: false };
    return { ok: false, failure: fileSystemFailure(error, 'store the outputs of a task', folder), crashed: false };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A single file is given as it lies; a folder as a folder of symbolic links. */
function layInputs(inputs: ActionRun['inputs'], folder: string): Record<string, string> {
  mkdirSync(folder, { recursive: true });
  const given = Object.entries(inputs).map(([name, paths], index): [string, string] => {
    const single = paths[''];
    if (single !== undefined) return [name, single];
    const root = join(folder, `${index}`, name);
    mkdirSync(root, { recursive: true });
    for (const [inside, path] of Object.entries(paths)) {
      const at = join(root, inside);
      mkdirSync(dirname(at), { recursive: true });
      symlinkSync(path, at);
    }
    return [name, root];
  });
  return Object.fromEntries(given);
}

async function collect(task: Task, out: Readonly<Record<string, string>>, store: ContentStore) {
  const trees: [string, Tree][] = [];
  for (const [name, path] of Object.entries(out)) {
    const files = await filesOf(path);
    if (files === undefined) {
      return fail(outputFailure(task, 'output-missing', `did not write its output ${name}`));
    }
    const odd = files.find(file => !file.isRegular);
    if (odd) {
      const where = odd.inside === '' ? name : `${name}/${odd.inside}`;
      return fail(
        outputFailure(task, 'output-not-a-file', `wrote something that is neither file nor folder: ${where}`),
      );
    }
    const nodes = await Promise.all(
      files.map(async (file): Promise<[string, FileNode]> => [file.inside, await store.put(file.path)]),
    );
    trees.push([name, Object.fromEntries(nodes)]);
  }
  const result: Result<Outputs, Failure> = ok(Object.fromEntries(trees));
  return result;
}

interface Found {
  /** Path inside the output, with '/'; '' for the output itself. */
  readonly inside: string;
  readonly path: string;
  readonly isRegular: boolean;
}

async function filesOf(path: string, inside = ''): Promise<Found[] | undefined> {
  let isFolder: boolean;
  let isRegular: boolean;
  try {
    const stat = await lstat(path);
    isFolder = stat.isDirectory();
    isRegular = stat.isFile();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  if (!isFolder) return [{ inside, path, isRegular }];
  const names = (await readdir(path)).sort();
  const below = await Promise.all(
    names.map(name => filesOf(join(path, name), inside === '' ? name : `${inside}/${name}`)),
  );
  return below.flatMap(files => files ?? []);
}

function costOf({ usage }: WorkerReply, outputs: Outputs): Cost {
  const bytes = Object.values(outputs)
    .flatMap(tree => Object.values(tree))
    .reduce((sum, node) => sum + node.size, 0);
  return {
    milliseconds: Math.round(usage.milliseconds),
    cpuMilliseconds: Math.round(usage.cpuMilliseconds),
    peakMemoryMiB: Math.round(usage.peakMemoryMiB),
    bytes,
  };
}

const outputFailure = (task: Task, code: string, what: string): Failure =>
  taskFailure(code, `stage ${task.stage} succeeded but ${what}`, { where: task.id });

const stillChanging = (task: Task, error: FileStillChanging): Failure =>
  taskFailure('output-changing', `stage ${task.stage} succeeded but still writes to an output`, {
    where: task.id,
    found: error.path.split('/').at(-1) ?? '',
  });
