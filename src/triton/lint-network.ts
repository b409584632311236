import { addedInputs, keptOutputs } from './lint-added-inputs.js';
import { numbers } from './lint-config.js';
import type { LintModel, Rule } from './lint-rule.js';
import type { Message } from './model-config.js';
import { DATA_TYPES } from './names.js';
import type { NamedTensor } from './repository.js';

type Tensor = Message<'ModelInput'> & Message<'ModelOutput'>;

interface Comparison {
  readonly kind: 'input' | 'output';
  readonly declared: readonly Tensor[];
  readonly actual: readonly NamedTensor[];
  /** May be declared. */
  readonly optional: readonly NamedTensor[];
}

/** Each ONNX file of a model beside what its configuration declares, for clients and for itself. */
function* comparisons({ config, networks }: LintModel): Iterable<Comparison> {
  const [added, kept] = [addedInputs(config), keptOutputs(config)];
  for (const { inputs, outputs, optionalInputs = [] } of networks.values()) {
    const isOthers = (names: readonly string[]) => (tensor: NamedTensor) => !names.includes(tensor.name);
    const actual = inputs.filter(isOthers(added));
    yield { kind: 'input', declared: config.input ?? [], actual, optional: optionalInputs };
    yield { kind: 'output', declared: config.output ?? [], actual: outputs.filter(isOthers(kept)), optional: [] };
  }
}

function* pairs(model: LintModel): Iterable<{ kind: string; declared: Tensor; actual: NamedTensor }> {
  for (const { kind, declared, actual, optional } of comparisons(model)) {
    for (const tensor of declared) {
      const found = [...actual, ...optional].find(other => other.name === tensor.name);
      if (found) yield { kind, declared: tensor, actual: found };
    }
  }
}

const sizes = ({ shape }: NamedTensor): number[] => shape.map(dim => (typeof dim === 'number' ? dim : -1));

/** Configurations against the ONNX files that they describe. */
export const NETWORK_RULES: readonly Rule[] = [
  {
    id: 'network-names',
    *check(model) {
      for (const { kind, declared, actual, optional } of comparisons(model)) {
        const names = actual.map(tensor => tensor.name);
        for (const { name } of declared) {
          if (![...actual, ...optional].some(tensor => tensor.name === name)) {
            yield `unexpected inference ${kind} '${name}', allowed ${kind}s are: ${names.join(', ')}`;
          }
        }
        if (kind === 'output' || model.isCompleted) continue;
        for (const name of names.filter(other => !declared.some(tensor => tensor.name === other))) {
          yield `model '${model.name}' requires the input '${name}', which the configuration does not have`;
        }
      }
    },
  },
  {
    id: 'network-data-type',
    *check(model) {
      for (const { kind, declared, actual } of pairs(model)) {
        const provided = DATA_TYPES[actual.dtype];
        if (declared.data_type !== undefined && declared.data_type !== provided) {
          yield `unable to load model '${model.name}', configuration expects datatype ${declared.data_type} for ${kind} '${declared.name}', model provides ${provided}`;
        }
      }
    },
  },
  {
    id: 'network-batch-dimension',
    *check(model) {
      if ((model.config.max_batch_size ?? 0) === 0) return;
      for (const { kind, declared, actual } of pairs(model)) {
        const shape = sizes(actual);
        if (shape[0] !== -1) {
          yield `model '${model.name}', ${kind} '${declared.name}': for the model to support batching the first dimension must be -1; shape expected by the model is [${shape}]`;
        }
      }
    },
  },
  {
    id: 'network-dims',
    *check(model) {
      const batched = (model.config.max_batch_size ?? 0) > 0;
      for (const { kind, declared, actual } of pairs(model)) {
        const shape = sizes(actual);
        if (numbers(declared.dims).length === 0) continue;
        const dims = numbers(declared.reshape ? declared.reshape.shape : declared.dims);
        const full = batched ? [-1, ...dims] : dims;
        const fits =
          full.length === shape.length &&
          full.every((dim, i) => (batched && i === 0) || dim === shape[i] || shape[i] === -1);
        if (!fits) {
          yield `model '${model.name}', ${kind} '${declared.name}': the model expects ${shape.length} dimensions (shape [${shape}]) but the model configuration specifies ${full.length} dimensions (shape [${full}])`;
        }
      }
    },
  },
];
