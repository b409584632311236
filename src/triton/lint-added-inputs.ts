import { numbers } from './lint-config.js';
import type { Rule } from './lint-rule.js';
import type { Message, ModelConfig } from './model-config.js';

type Control = Message<'ModelSequenceBatching.Control'>;

/** Inputs of a network that no client sends: the server makes them for sequences, their states, and batches of ragged inputs. */
export const addedInputs = ({ sequence_batching: sequences, batch_input: batches = [] }: ModelConfig): string[] => [
  ...(sequences?.control_input ?? []).map(({ name = '' }) => name),
  ...(sequences?.state ?? []).map(({ input_name: name = '' }) => name),
  ...batches.flatMap(({ target_name: names = [] }) => names),
];

/** Outputs of a network that no client gets. */
export const keptOutputs = ({ sequence_batching: sequences }: ModelConfig): string[] =>
  (sequences?.state ?? []).map(({ output_name: name = '' }) => name);

const VALUES = ['int32_false_true', 'fp32_false_true', 'bool_false_true'] as const;
const CORRELATION_TYPES: readonly (string | undefined)[] = [
  'TYPE_UINT64',
  'TYPE_INT64',
  'TYPE_UINT32',
  'TYPE_INT32',
  'TYPE_STRING',
];

function* controlProblems(model: string, control: Control): Iterable<string> {
  const { kind = 'CONTROL_SEQUENCE_START', data_type: type } = control;
  const given = VALUES.filter(name => (control[name] ?? []).length > 0);
  if (kind === 'CONTROL_SEQUENCE_CORRID') {
    if (given.length > 0) {
      yield `sequence batching must not specify either 'int32_false_true', 'fp32_false_true' or 'bool_false_true' for ${kind} for ${model}`;
    }
    if (!CORRELATION_TYPES.includes(type)) {
      yield `unexpected data type for control ${kind} for ${model}. Allowed data types are TYPE_UINT64, TYPE_INT64, TYPE_UINT32, TYPE_INT32 and TYPE_STRING`;
    }
  } else if (given.length === 0) {
    yield `sequence batching must specify either 'int32_false_true', 'fp32_false_true' or 'bool_false_true' for ${kind} for ${model}`;
  } else if (given.length > 1) {
    yield `sequence batching specifies more than one from 'int32_false_true', 'fp32_false_true' and 'bool_false_true' for ${kind} for ${model}`;
  } else if (control[given[0]!]!.length !== 2) {
    yield `sequence batching control '${given[0]}' must have exactly 2 entries for ${kind} for ${model}`;
  }
}

/** What the configuration says of inputs that the server adds. */
export const ADDED_INPUT_RULES: readonly Rule[] = [
  {
    id: 'sequence-control',
    *check({ name, config: { sequence_batching: sequences } }) {
      const inputs = sequences?.control_input ?? [];
      for (const [index, { name: input, control = [] }] of inputs.entries()) {
        if (!input) yield `sequence batching control tensor must have a name for ${name}`;
        else if (inputs.findIndex(other => other.name === input) < index) {
          yield `sequence batching control tensor '${input}' is specified for multiple control kinds for ${name}`;
        }
        for (const each of control) yield* controlProblems(name, each);
      }
      const kinds = inputs.flatMap(({ control = [] }) => control.map(({ kind = 'CONTROL_SEQUENCE_START' }) => kind));
      for (const kind of new Set(kinds.filter((other, index) => kinds.indexOf(other) < index))) {
        yield `sequence batching specifies multiple ${kind} tensors for ${name}`;
      }
    },
  },
  {
    id: 'sequence-batching',
    *check({ name, config: { sequence_batching: sequences, max_batch_size: max = 0 } }) {
      for (const size of numbers(sequences?.oldest?.preferred_batch_size)) {
        if (size <= 0) yield `sequence batching preferred batch size must be positive for ${name}`;
        else if (size > max) yield `sequence batching preferred batch size must be <= max batch size for ${name}`;
      }
      const utilization = sequences?.direct?.minimum_slot_utilization ?? 0;
      if (utilization < 0 || utilization > 1) {
        yield `sequence batching minimum slot utilization must be in range (0.0, 1.0] for ${name}`;
      }
    },
  },
  {
    id: 'batch-io',
    *check({ config: { input = [], output = [], batch_input: inputs = [], batch_output: outputs = [] } }) {
      const isInput = (name: string): boolean => input.some(other => other.name === name);
      for (const [what, each] of [
        ...inputs.map(other => [`batch input kind '${other.kind ?? 'BATCH_ELEMENT_COUNT'}'`, other] as const),
        ...outputs.map(
          other => [`batch output kind '${other.kind ?? 'BATCH_SCATTER_WITH_INPUT_SHAPE'}'`, other] as const,
        ),
      ]) {
        const sources = each.source_input ?? [];
        if (sources.length !== 1) yield `${what} expects 1 source input, got ${sources.length}`;
        for (const source of sources) if (!isInput(source)) yield `unknown source input name '${source}'`;
      }
      if (inputs.some(({ data_type: type }) => type !== 'TYPE_INT32' && type !== 'TYPE_FP32')) {
        yield 'batch input data type must be TYPE_INT32 or TYPE_FP32';
      }
      for (const target of outputs.flatMap(({ target_name: names = [] }) => names)) {
        if (!output.some(({ name }) => name === target)) yield `unknown target output name '${target}'`;
      }
    },
  },
];
