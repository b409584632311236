import type { Graph, Input, Output } from '../graph/graph.js';
import type { Dim } from '../graph/tensor.js';
import { formatType } from '../graph/type-text.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';

/** What an input or output of a model that others made is called by the Hub's convention. */
export interface Renamed {
  /** The convention's. */
  readonly name: string;
  /** The model's own. */
  readonly given: string;
}

/** How the inputs and outputs of a model that others made become those of the Hub's convention. */
export type ModelInterface = {
  readonly inputs: readonly (Renamed & { readonly dtype: 'int64' | 'int32' })[];
  readonly outputs: readonly Renamed[];
  /** Outputs that the task does not read; they are not computed any more. */
  readonly dropped: readonly string[];
};

/** Names that exporters give to the inputs of the convention, without the ':0' or '.1' that some append. */
const INPUT_NAMES: Readonly<Record<string, readonly string[]>> = {
  input_ids: ['input_ids', 'ids', 'input', 'tokens', 'input_word_ids'],
  attention_mask: ['attention_mask', 'mask', 'input_mask'],
  token_type_ids: ['token_type_ids', 'segment_ids', 'input_type_ids', 'segments'],
};

const REQUIRED_INPUTS: readonly string[] = ['input_ids', 'attention_mask'];

interface OutputSpec {
  readonly name: string;
  readonly rank: number;
  readonly optional?: boolean;
  /** Names of others for it. */
  readonly also?: readonly string[];
  /** Whether its last axis has one number for each label of config.json. */
  readonly labels?: boolean;
}

const CLASSES: readonly OutputSpec[] = [{ name: 'logits', rank: 2, labels: true, also: ['output', 'scores'] }];
const HIDDEN: OutputSpec = {
  name: 'last_hidden_state',
  rank: 3,
  also: ['token_embeddings', 'output', 'hidden_states'],
};

const OUTPUTS: Readonly<Record<string, readonly OutputSpec[]>> = {
  'text-classification': CLASSES,
  'zero-shot-classification': CLASSES,
  'text-ranking': CLASSES,
  'token-classification': [{ name: 'logits', rank: 3, labels: true, also: ['output'] }],
  'fill-mask': [{ name: 'logits', rank: 3, also: ['output', 'prediction_logits'] }],
  'question-answering': [
    { name: 'start_logits', rank: 2, also: ['start', 'output_start_logits'] },
    { name: 'end_logits', rank: 2, also: ['end', 'output_end_logits'] },
  ],
  'feature-extraction': [
    HIDDEN,
    { name: 'pooler_output', rank: 2, optional: true },
    { name: 'sentence_embedding', rank: 2, optional: true },
  ],
  'sentence-similarity': [
    { ...HIDDEN, optional: true },
    { name: 'sentence_embedding', rank: 2 },
  ],
};

/** What the task and the folder ask of a model. */
export interface Wanted {
  readonly task: string;
  /** Classes, as config.json says. */
  readonly labels?: number | undefined;
}

/** The interface of a graph. Failures: 'onnx-task', 'onnx-inputs', 'onnx-outputs', 'onnx-fixed-shape'. */
export function interfaceOf(graph: Graph, { task, labels }: Wanted, where: string): Result<ModelInterface, Failure> {
  const specs = OUTPUTS[task];
  if (specs === undefined) return fail(taskNotImported(task, where));
  const inputs = inputsOf(graph.inputs, where);
  if (!inputs.ok) return inputs;
  const outputs = outputsOf(graph.outputs, specs, labels, { task, where });
  if (!outputs.ok) return outputs;
  const kept = new Set(outputs.value.map(({ given }) => given));
  const dropped = graph.outputs.map(({ name }) => name).filter(name => !kept.has(name));
  return ok({ inputs: inputs.value, outputs: outputs.value, dropped });
}

const taskNotImported = (task: string, where: string): Failure =>
  usageFailure('onnx-task', `an ONNX file cannot be the source of ${task}`, {
    where,
    expected: `one of ${Object.keys(OUTPUTS).join(', ')}`,
    fix: 'build it from the checkpoint: a folder with safetensors',
  });

/** 'Input_Ids:0' is input_ids; so is 'input_ids.1', which the TorchScript exporter makes of a name that is taken. */
const plain = (name: string): string => name.toLowerCase().replace(/[:.]\d+$/, '');

function inputsOf(given: readonly Input[], where: string): Result<ModelInterface['inputs'], Failure> {
  const problem = (found: string) =>
    fail(
      usageFailure('onnx-inputs', 'the inputs of the model are not those of a model for texts', {
        where,
        expected: 'input_ids, attention_mask and, where the model knows them, token_type_ids',
        found,
        fix: 'export it with input_names of the convention, as Optimum does',
      }),
    );
  const inputs: ModelInterface['inputs'][number][] = [];
  for (const input of given) {
    const name = Object.keys(INPUT_NAMES).find(canonical => INPUT_NAMES[canonical]!.includes(plain(input.name)));
    if (name === undefined || inputs.some(other => other.name === name)) {
      return problem(given.map(({ name: own }) => `'${own}'`).join(', '));
    }
    const { dtype, shape } = input.type;
    if ((dtype !== 'int64' && dtype !== 'int32') || shape.length !== 2) {
      return problem(`'${input.name}' is ${formatType(input.type)}, not int64[batch_size, sequence_length]`);
    }
    if (shape.some(dim => typeof dim === 'number')) return fail(fixedShape(input.name, shape, where));
    inputs.push({ name, given: input.name, dtype });
  }
  const missing = REQUIRED_INPUTS.find(name => !inputs.some(input => input.name === name));
  return missing === undefined
    ? ok(inputs)
    : problem(`no ${missing}: ${given.map(({ name }) => `'${name}'`).join(', ') || 'no inputs'}`);
}

const fixedShape = (name: string, shape: readonly Dim[], where: string): Failure =>
  usageFailure('onnx-fixed-shape', 'the model was exported for one size only', {
    where: `${where}, input '${name}'`,
    expected: '[batch_size, sequence_length], both open',
    found: `[${shape.join(', ')}]`,
    fix: 'export it again with dynamic axes: dynamic_axes of torch.onnx.export, or dynamic_shapes with dynamo',
  });

function outputsOf(
  given: readonly Output[],
  specs: readonly OutputSpec[],
  labels: number | undefined,
  { task, where }: { readonly task: string; readonly where: string },
): Result<readonly Renamed[], Failure> {
  const problem = (found: string) =>
    fail(
      usageFailure('onnx-outputs', `the outputs of the model are not those of ${task}`, {
        where,
        expected: specs
          .filter(({ optional }) => !optional)
          .map(({ name, rank }) => `${name} of ${rank} axes`)
          .join(', '),
        found,
        fix: 'name the task that the model was exported for, or export it again with this head',
      }),
    );
  const described = given.map(({ name, value }) => `'${name}' ${formatType(value.type)}`).join(', ');
  const renamed: Renamed[] = [];
  for (const { name, rank, optional, also = [], labels: perLabel } of specs) {
    const fits = (output: Output): boolean => output.value.type.shape.length === rank;
    const output =
      given.find(own => own.name === name) ??
      onlyOf(given.filter(own => fits(own) && [name, ...also].includes(plain(own.name)))) ??
      (given.length === 1 && specs.length === 1 ? given[0] : undefined);
    if (output === undefined && optional) continue;
    if (output === undefined || !fits(output)) return problem(described);
    const { dtype, shape } = output.value.type;
    if (dtype !== 'float32') return problem(`'${output.name}' in ${dtype}, not float32`);
    const width = shape.at(-1)!;
    if (perLabel && labels !== undefined && typeof width === 'number' && width !== labels) {
      return problem(`${width} classes in '${output.name}', and ${labels} in config.json`);
    }
    renamed.push({ name, given: output.name });
  }
  return ok(renamed);
}

const onlyOf = <T>(items: readonly T[]): T | undefined => (items.length === 1 ? items[0] : undefined);
