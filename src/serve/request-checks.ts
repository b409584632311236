import { isStrings } from '../kserve/binary.js';
import { type Datatype, elementsOf, type WireTensor } from '../kserve/datatypes.js';
import type { DataType, Message, ModelConfig } from '../triton/model-config.js';
import { fail, ok, type Result } from '../util/result.js';
import { type ModelRequest, type ServeError, serveError } from './model.js';

/** Names of the protocol are those of the configuration without TYPE_, but for strings. */
export const datatypeOf = (type: DataType = 'TYPE_INVALID'): string =>
  type === 'TYPE_STRING' ? 'BYTES' : type.slice('TYPE_'.length);

const BATCH_NOTE =
  'NOTE: Setting a non-zero max_batch_size in the model config requires a batch dimension to be prepended to each input ' +
  'shape. If you want to specify the full shape including the batch dim in your input dims config, try setting ' +
  'max_batch_size to zero. See the model configuration docs for more info on max_batch_size.';

const WILDCARD = -1;

type ModelInput = Message<'ModelInput'>;

/**
 * Whether `request` is one that a model of this configuration takes, in the server's words and in its order: number of
 * inputs, their names, batch sizes, types, shapes, contents, then the outputs that are asked for. Gives the rows of the
 * request: 1 where the model makes no batches.
 */
export function checkRequest(config: ModelConfig, request: ModelRequest): Result<number, ServeError> {
  const id = `[request id: ${request.id || '<id_unknown>'}] `;
  const model = config.name ?? '';
  const invalid = (message: string) => fail(serveError('INVALID_ARG', message));
  const declared = new Map((config.input ?? []).map(input => [input.name ?? '', input]));
  const given = [...request.inputs].sort((a, b) => (a.name < b.name ? -1 : 1));

  const repeated = given.find((input, index) => given[index - 1]?.name === input.name);
  if (repeated) return invalid(`${id}input '${repeated.name}' already exists in request`);
  const missing = missingInputs([...declared.values()], given, model);
  if (missing !== undefined) return invalid(id + missing);
  const unknown = given.find(input => !declared.has(input.name));
  if (unknown) return invalid(`unexpected inference input '${unknown.name}' for model '${model}'`);

  const maxBatchSize = config.max_batch_size ?? 0;
  let rows = 0;
  if (maxBatchSize > 0) {
    for (const { name, shape } of given) {
      const first = shape[0];
      if (first === undefined) {
        return invalid(`${id}input '${name}' has no shape but model requires batch dimension for '${model}'`);
      }
      if (rows !== 0 && first !== rows) {
        return invalid(`${id}input '${name}' batch size does not match other inputs for '${model}'`);
      }
      rows = first;
    }
    if (rows > maxBatchSize) {
      return invalid(`${id}inference request batch-size must be <= ${maxBatchSize} for '${model}'`);
    }
  }
  for (const input of given) {
    const problem = inputProblem(input, declared.get(input.name)!, model, maxBatchSize > 0);
    if (problem !== undefined) return invalid(id + problem);
  }
  const outputs = new Set((config.output ?? []).map(output => output.name ?? ''));
  const unwanted = request.outputs.find(name => !outputs.has(name));
  if (unwanted !== undefined) return invalid(`unexpected inference output '${unwanted}' for model '${model}'`);
  return ok(maxBatchSize > 0 ? rows : 1);
}

function missingInputs(
  declared: readonly ModelInput[],
  given: readonly WireTensor[],
  model: string,
): string | undefined {
  const required = declared.filter(input => !input.optional);
  if (given.length >= required.length && given.length <= declared.length) return missingByName(required, given, model);
  const names = new Set(given.map(input => input.name));
  const quoted = (list: readonly (string | undefined)[]) => `[${list.map(name => `'${name}'`).join(',')}]`;
  const lacking = required.flatMap(input => (names.has(input.name ?? '') ? [] : [input.name]));
  const expected =
    required.length === declared.length
      ? `expected ${declared.length} inputs`
      : `expected number of inputs between ${required.length} and ${declared.length}`;
  return (
    `${expected} but got ${given.length} inputs for model '${model}'. Got input(s) ${quoted([...names])}, ` +
    `but missing required input(s) ${quoted(lacking)}. Please provide all required input(s).`
  );
}

/** The number is right, but one of them is another: with optional inputs the server finds it only while it runs. */
function missingByName(
  required: readonly ModelInput[],
  given: readonly WireTensor[],
  model: string,
): string | undefined {
  const lacking = required.find(input => !given.some(({ name }) => name === input.name));
  const isOther = given.some(({ name }) => !required.some(input => input.name === name));
  // A name that the model does not have is said as such.
  if (lacking === undefined || (isOther && given.length === required.length)) return undefined;
  return `input '${lacking.name}' is required by model '${model}'`;
}

function inputProblem(
  { name, datatype, shape, data }: WireTensor,
  declared: ModelInput,
  model: string,
  isBatched: boolean,
): string | undefined {
  const expected = datatypeOf(declared.data_type) as Datatype;
  if (datatype !== expected) {
    return `inference input '${name}' data-type is '${datatype}', but model '${model}' expects '${expected}'`;
  }
  const dims = (declared.dims ?? []).map(Number);
  const full = isBatched ? [WILDCARD, ...dims] : dims;
  if (full.length !== shape.length || full.some((dim, axis) => dim !== WILDCARD && dim !== shape[axis])) {
    const note = isBatched ? BATCH_NOTE : '';
    return `unexpected shape for input '${name}' for model '${model}'. Expected ${list(full)}, got ${list(shape)}. ${note}`;
  }
  const elements = elementsOf(shape);
  if (data.length === elements) return undefined;
  if (isStrings(data)) {
    return `expected ${elements} string elements for inference input '${name}' for model '${model}', got ${data.length}`;
  }
  const size = elements * data.BYTES_PER_ELEMENT;
  return `input byte size mismatch for input '${name}' for model '${model}'. Expected ${size}, got ${data.byteLength}`;
}

const list = (dims: readonly number[]): string => `[${dims.join(',')}]`;
