import { numbers } from './lint-config.js';
import type { LintModel, Rule } from './lint-rule.js';
import type { DataType, Message, ModelConfig } from './model-config.js';

type Step = Message<'ModelEnsembling.Step'>;
type Tensor = Message<'ModelInput'> & Message<'ModelOutput'>;

const stepsOf = ({ ensemble_scheduling: ensemble }: ModelConfig): readonly Step[] => ensemble?.step ?? [];

/** A tensor of the ensemble as one of its users declares it. */
interface Declaration {
  readonly tensor: string;
  readonly by: string;
  readonly type: DataType | undefined;
  readonly dims: readonly number[];
  /** With the batch dimension. */
  readonly fullDims: readonly number[];
}

function* declarations(model: LintModel, repository: ReadonlyMap<string, LintModel>): Iterable<Declaration> {
  const declare = (tensor: string, by: string, { data_type: type, dims }: Tensor, config: ModelConfig): Declaration => {
    const plain = numbers(dims);
    return { tensor, by, type, dims: plain, fullDims: (config.max_batch_size ?? 0) > 0 ? [-1, ...plain] : plain };
  };
  for (const tensor of [...(model.config.input ?? []), ...(model.config.output ?? [])]) {
    yield declare(tensor.name!, model.name, tensor, model.config);
  }
  for (const { model_name: name = '', input_map: inputs = {}, output_map: outputs = {} } of stepsOf(model.config)) {
    const step = repository.get(name);
    if (step === undefined || step.isCompleted) continue;
    for (const [tensors, map] of [
      [step.config.input ?? [], inputs],
      [step.config.output ?? [], outputs],
    ] as const) {
      for (const tensor of tensors) {
        const mapped = map[tensor.name!];
        if (mapped !== undefined) yield declare(mapped, name, tensor, step.config);
      }
    }
  }
}

const agree = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((dim, i) => dim === b[i] || dim === -1 || b[i] === -1);

/** Tensors that can be computed from the ensemble's inputs. */
function writtenTensors(config: ModelConfig): ReadonlySet<string> {
  const written = new Set((config.input ?? []).map(input => input.name!));
  for (let before = -1; before < written.size; ) {
    before = written.size;
    for (const { input_map: inputs = {}, output_map: outputs = {} } of stepsOf(config)) {
      if (Object.values(inputs).every(tensor => written.has(tensor))) {
        for (const tensor of Object.values(outputs)) written.add(tensor);
      }
    }
  }
  return written;
}

/** How the steps of an ensemble hang together. */
export const ENSEMBLE_RULES: readonly Rule[] = [
  {
    id: 'ensemble-platform',
    *check({ name, config }) {
      if (config.platform === 'ensemble' && !config.ensemble_scheduling) {
        yield `ensemble scheduling must be set for ensemble ${name} whose platform is ensemble`;
      }
      if (config.platform !== 'ensemble' && config.ensemble_scheduling) {
        yield `ensemble scheduling cannot be set for model '${name}' whose platform is not ensemble`;
      }
    },
  },
  {
    id: 'ensemble-field',
    *check({ name, config }) {
      if (config.platform !== 'ensemble') return;
      if (config.instance_group?.length) yield `instance group should not be specified for ensemble '${name}'`;
      if (config.optimization) yield `optimization should not be specified for ensemble '${name}'`;
      if (config.model_warmup?.length) yield `model_warmup can not be specified for ensemble '${name}'`;
    },
  },
  {
    id: 'ensemble-step',
    *check({ name, config }) {
      if (!config.ensemble_scheduling) return;
      const steps = stepsOf(config);
      if (steps.length === 0) yield `must specify 'step' for ensemble '${name}'`;
      for (const [index, step] of steps.entries()) {
        if (!step.model_name) yield `must specify 'model_name' in step ${index} of ensemble '${name}'`;
        for (const map of ['input_map', 'output_map'] as const) {
          if (Object.keys(step[map] ?? {}).length === 0) {
            yield `must specify '${map}' in step ${index} of ensemble '${name}'`;
          }
        }
      }
    },
  },
  {
    id: 'ensemble-model',
    *check({ name, config }, repository) {
      for (const { model_name: step } of stepsOf(config)) {
        if (step && !repository.has(step)) yield `ensemble ${name} contains models that are not available: ${step}`;
      }
    },
  },
  {
    id: 'ensemble-version',
    *check({ name, config }, repository) {
      const lacking = stepsOf(config).flatMap(({ model_name: step = '', model_version: version = -1 }) => {
        const { versions = [] } = repository.get(step) ?? {};
        const isThere = Number(version) === -1 || versions.length === 0 || versions.includes(Number(version));
        return isThere
          ? []
          : [`ensemble '${name}' depends on '${step}' whose required version ${version} is not loaded`];
      });
      yield* new Set(lacking);
    },
  },
  {
    id: 'ensemble-circle',
    *check({ name }, repository) {
      // The way from a model back to itself, where there is one.
      const wayTo = (at: string, seen: readonly string[]): readonly string[] | undefined => {
        for (const { model_name: step = '' } of stepsOf(repository.get(at)?.config ?? {})) {
          if (step === name) return [...seen, at];
          const way = seen.includes(step) || step === at ? undefined : wayTo(step, [...seen, at]);
          if (way) return way;
        }
        return undefined;
      };
      const way = wayTo(name, []);
      if (way) yield `circular dependency between ensembles: ${name} -> ... -> ${way.at(-1)} -> ${name}`;
    },
  },
  {
    id: 'ensemble-decoupled',
    *check({ name, config }, repository) {
      // Tensor -> the decoupled step that it comes from, if any.
      const origins = new Map<string, ReadonlySet<number>>();
      const steps = stepsOf(config);
      for (let round = 0; round < steps.length; round++) {
        for (const [index, step] of steps.entries()) {
          const isDecoupled = repository.get(step.model_name ?? '')?.config.model_transaction_policy?.decoupled;
          const from = isDecoupled
            ? new Set([index])
            : new Set(Object.values(step.input_map ?? {}).flatMap(tensor => [...(origins.get(tensor) ?? [])]));
          for (const tensor of Object.values(step.output_map ?? {})) origins.set(tensor, from);
        }
      }
      for (const step of steps) {
        const from = new Set(Object.values(step.input_map ?? {}).flatMap(tensor => [...(origins.get(tensor) ?? [])]));
        if (from.size > 1) {
          yield `in ensemble ${name}, step of model '${step.model_name}' receives inputs originated from different decoupled models`;
        }
      }
    },
  },
  {
    id: 'ensemble-mapping',
    *check({ name, config }, repository) {
      for (const { model_name: stepName = '', input_map: inputs = {}, output_map: outputs = {} } of stepsOf(config)) {
        const step = repository.get(stepName);
        if (step === undefined || step.isCompleted) continue;
        const inputNames = new Set((step.config.input ?? []).map(input => input.name!));
        const outputNames = new Set((step.config.output ?? []).map(output => output.name!));
        for (const [input, tensor] of Object.entries(inputs)) {
          if (!inputNames.has(input)) {
            yield `in ensemble ${name}, ensemble tensor ${tensor} is mapping to non-existing input ${input} in model ${stepName}`;
          }
        }
        for (const [output, tensor] of Object.entries(outputs)) {
          if (!outputNames.has(output)) {
            yield `in ensemble ${name}, ensemble tensor ${tensor} is mapped from non-existing output ${output} in model ${stepName}`;
          }
        }
        for (const { name: input, optional } of step.config.input ?? []) {
          if (!optional && inputs[input!] === undefined) {
            yield `in ensemble ${name}, input ${input} in model ${stepName} is not mapped to any ensemble tensors`;
          }
        }
      }
    },
  },
  {
    id: 'ensemble-tensor',
    *check({ name, config }) {
      if (!config.ensemble_scheduling) return;
      const read = new Set(stepsOf(config).flatMap(step => Object.values(step.input_map ?? {})));
      const produced = stepsOf(config).flatMap(step => Object.values(step.output_map ?? {}));
      const written = writtenTensors(config);
      const outputs = new Set((config.output ?? []).map(output => output.name!));
      for (const { name: input } of config.input ?? []) {
        if (!read.has(input!)) yield `ensemble input '${input}' for ensemble ${name} is not used`;
      }
      for (const output of outputs) {
        if (!written.has(output)) yield `output '${output}' for ensemble '${name}' is not written`;
      }
      const inputs = new Set((config.input ?? []).map(input => input.name!));
      for (const tensor of new Set([...read, ...produced])) {
        const isUsed = read.has(tensor) && written.has(tensor);
        if (!isUsed && !outputs.has(tensor) && !inputs.has(tensor)) {
          yield `ensemble tensor '${tensor}' is unused in ensemble '${name}'`;
        }
      }
      for (const tensor of new Set(produced.filter((other, index) => produced.indexOf(other) !== index))) {
        yield `ensemble tensor '${tensor}' can appear in an output map only once for ensemble '${name}'`;
      }
    },
  },
  {
    id: 'ensemble-consistency',
    *check(model, repository) {
      if (!model.config.ensemble_scheduling) return;
      const first = new Map<string, Declaration>();
      for (const other of declarations(model, repository)) {
        const known = first.get(other.tensor);
        if (known === undefined) {
          first.set(other.tensor, other);
          continue;
        }
        const prefix = `in ensemble ${model.name}, ensemble tensor ${other.tensor}: inconsistent`;
        const from = (a: unknown, b: unknown) =>
          `${a} is inferred from model ${known.by} while ${b} is inferred from model ${other.by}`;
        if (known.type !== other.type) yield `${prefix} data type: ${from(known.type, other.type)}`;
        else if (!agree(known.dims, other.dims) && !agree(known.fullDims, other.fullDims)) {
          yield `${prefix} shape: ${from(`[${known.fullDims}]`, `[${other.fullDims}]`)}`;
        }
      }
    },
  },
  {
    id: 'ensemble-batch-size',
    *check({ name, config }, repository) {
      const max = config.max_batch_size ?? 0;
      for (const { model_name: step = '' } of stepsOf(config)) {
        const stepMax = repository.get(step)?.config.max_batch_size ?? 0;
        if (stepMax !== 0 && stepMax < max) {
          yield `ensemble ${name} allows maximum batch size ${max}, but it contains model ${step} which only allows maximum batch size to be ${stepMax}`;
        }
      }
    },
  },
];
