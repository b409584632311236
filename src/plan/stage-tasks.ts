import type { Delivery, Plan, Resources, Source, Task, TaskId } from '../build/task.js';
import type { Failure } from '../util/failure.js';
import type { Json } from '../util/json.js';
import { stageCode } from './stage-code.js';
import { cpuArithmetic, machineClass, packageVersion } from './tools.js';

/** The stages in the order of the pipeline: what `--only` and `--skip` know. */
export const STAGES = [
  'fetch',
  'export',
  'export-torch',
  'import',
  'optimize',
  'calibrate',
  'choose',
  'quantize',
  'engine',
  'reference',
  'validate',
  'package',
  'triton',
  'benchmark',
  'benchmark-engine',
  'report',
  'deploy',
] as const;
export type StageName = (typeof STAGES)[number];

interface StageSpec {
  readonly outputs: readonly string[];
  /** What outside this package can change its output. */
  tools?(): Readonly<Record<string, string>>;
}

const onnxruntime = (): Record<string, string> => ({
  onnxruntime: packageVersion('onnxruntime-node'),
  cpu: cpuArithmetic(),
});
const tokenizers = (): Record<string, string> => ({ tokenizers: packageVersion('@huggingface/tokenizers') });

/** What a plan must know of a stage without loading it. */
const SPECS: Readonly<Record<StageName, StageSpec>> = {
  fetch: { outputs: ['checkpoint'] },
  export: { outputs: ['model'] },
  'export-torch': { outputs: ['model'] },
  import: { outputs: ['model', 'interface'] },
  optimize: { outputs: ['model', 'report'] },
  calibrate: { outputs: ['table'], tools: () => ({ ...onnxruntime(), ...tokenizers() }) },
  choose: { outputs: ['mix', 'choice'] },
  quantize: { outputs: ['model', 'report'] },
  engine: { outputs: ['model', 'report'] },
  reference: { outputs: ['reference'], tools: () => ({ ...onnxruntime(), ...tokenizers() }) },
  validate: { outputs: ['validation'], tools: onnxruntime },
  package: { outputs: ['folder'] },
  triton: { outputs: ['repository'] },
  benchmark: {
    outputs: ['benchmark'],
    tools: () => ({ ...onnxruntime(), ...tokenizers(), machine: machineClass(), node: process.version }),
  },
  'benchmark-engine': { outputs: ['benchmark'] },
  report: {
    outputs: ['report'],
    tools: () => ({
      vega: packageVersion('vega'),
      'vega-lite': packageVersion('vega-lite'),
      yaml: packageVersion('yaml'),
    }),
  },
  deploy: { outputs: ['files'], tools: () => ({ yaml: packageVersion('yaml') }) },
};

/** What few tasks have. */
interface TaskExtras {
  readonly after?: readonly string[];
  readonly hints?: Json;
  /** Beside those of the stage. */
  readonly tools?: Readonly<Record<string, string>>;
  readonly lacks?: Failure;
}

/** A plan while it is put together. */
export class PlanDraft {
  readonly #tasks = new Map<TaskId, Task>();
  readonly #goals = new Set<TaskId>();
  readonly #deliveries: Delivery[] = [];

  has(id: string): boolean {
    return this.#tasks.has(id as TaskId);
  }

  /** Adds a task. Inputs that are undefined are left out. */
  add(
    stage: StageName,
    id: string,
    params: Json,
    inputs: Readonly<Record<string, Source | undefined>>,
    resources: Resources,
    { after = [], hints, tools = {}, lacks }: TaskExtras = {},
  ): void {
    if (this.has(id)) throw new Error(`internal error: two tasks named ${id}`);
    const given = Object.entries(inputs).filter((entry): entry is [string, Source] => entry[1] !== undefined);
    const spec = SPECS[stage];
    const task: Task = {
      id: id as TaskId,
      stage,
      code: stageCode(stage),
      params,
      inputs: Object.fromEntries(given),
      outputs: spec.outputs,
      tools: { ...spec.tools?.(), ...tools },
      resources,
      ...(hints === undefined ? {} : { hints }),
      ...(lacks ? { lacks } : {}),
      ...(after.length > 0 ? { after: after as readonly TaskId[] } : {}),
    };
    this.#tasks.set(task.id, task);
  }

  /** What a task that was added before reads under this name. */
  input(id: string, name: string): Source {
    const source = this.#tasks.get(id as TaskId)?.inputs[name];
    if (!source) throw new Error(`internal error: no input '${name}' of task '${id}'`);
    return source;
  }

  /** An output of a task that was added before. */
  output(id: string, output: string): Source {
    const task = this.#tasks.get(id as TaskId);
    if (!task?.outputs.includes(output)) throw new Error(`internal error: no output '${output}' of task '${id}'`);
    return { from: 'task', task: task.id, output };
  }

  deliver(
    from: { readonly task: string; readonly output: string; readonly path?: string },
    to: string,
    gates: readonly string[],
    labels: Readonly<Record<string, string>>,
  ): void {
    if (!this.has(from.task)) throw new Error(`internal error: no task '${from.task}' to deliver from`);
    this.#deliveries.push({
      task: from.task as TaskId,
      output: from.output,
      from: from.path ?? '',
      to,
      gates: gates as TaskId[],
      labels,
    });
    this.#goals.add(from.task as TaskId);
  }

  finish(): Plan {
    return { tasks: this.#tasks, goals: [...this.#goals], deliveries: this.#deliveries };
  }
}
