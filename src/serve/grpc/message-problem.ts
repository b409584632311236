import { ARRAYS, elementsOf, isDatatype } from '../../kserve/datatypes.js';
import type { InferRequestMessage, ParameterMessage } from '../../kserve/grpc-messages.js';

type InputMessage = NonNullable<InferRequestMessage['inputs']>[number];

/**
 * Why the server would not read a ModelInferRequest, in its words and its order: parameters, then where the elements of each
 * input are, then how many. undefined of a request that can be read.
 */
export function messageProblem(message: InferRequestMessage): string | undefined {
  const { inputs = [], raw_input_contents: raw = [], model_name: model = '', id } = message;
  for (const [name, parameter] of Object.entries(message.parameters ?? {})) {
    const problem = parameterProblem(name, parameter);
    if (problem !== undefined) return problem;
  }
  let next = 0;
  const own = new Map<InputMessage, Uint8Array | undefined>();
  for (const input of inputs) {
    const tensor = `input tensor '${input.name ?? ''}' for model '${model}'`;
    if (input.contents) {
      if (raw.length > 0) {
        return `contents field must not be specified when using raw_input_contents for '${input.name ?? ''}' for model '${model}'`;
      }
      const problem = contentsProblem(input);
      if (problem !== undefined) return `unexpected explicit tensor data for ${tensor}${problem}`;
      own.set(input, undefined);
    } else if (next < raw.length) own.set(input, raw[next++]!);
    else return `unable to find data for ${tensor} in request.`;
  }
  for (const [input, bytes] of own) {
    const problem = sizeProblem(input, bytes, model);
    if (problem !== undefined) return `[request id: ${id || '<id_unknown>'}] ${problem}`;
  }
  return undefined;
}

const EMPTY_FINAL = 'triton_enable_empty_final_response';

/** Which members of InferParameter these may have; others any but numbers with a point. */
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  priority: ['int64_param', 'uint64_param'],
  timeout: ['int64_param'],
  [EMPTY_FINAL]: ['bool_param'],
};

function parameterProblem(name: string, { parameter_choice: choice, int64_param }: ParameterMessage) {
  if (name.startsWith('triton_') && name !== EMPTY_FINAL) {
    return `parameter keys starting with 'triton_' are reserved for Triton usage. Only the following keys starting with 'triton_' are allowed: ${EMPTY_FINAL}`;
  }
  const choices = Object.hasOwn(CHOICES, name) ? CHOICES[name]! : undefined;
  if (choices) {
    if (!choices.includes(choice ?? '')) {
      return `invalid value type for '${name}' parameter, expected ${choices.join(' or ')}.`;
    }
    return name === 'priority' && Number(int64_param) < 0
      ? "invalid value for 'priority', expected value >= 0."
      : undefined;
  }
  return choice === undefined
    ? `invalid value type for '${name}' parameter, expected int64_param, bool_param, or string_param.`
    : undefined;
}

/** Members of InferTensorContents in the order in which they are looked at, and the datatypes that each may hold. */
const MEMBERS = [
  ['bool_contents', ['BOOL']],
  ['int_contents', ['INT32', 'INT8', 'INT16']],
  ['int64_contents', ['INT64']],
  ['uint_contents', ['UINT32', 'UINT8', 'UINT16']],
  ['uint64_contents', ['UINT64']],
  ['fp32_contents', ['FP32']],
  ['fp64_contents', ['FP64']],
  ['bytes_contents', ['BYTES']],
] as const;

function contentsProblem({ contents, datatype }: InputMessage): string | undefined {
  let isSupplied = false;
  for (const [member, [usual, ...others]] of MEMBERS) {
    if ((contents?.[member] ?? []).length === 0) continue;
    if (isSupplied) return ', binary data was already supplied.';
    if (datatype !== usual && !others.some(other => other === datatype)) {
      return ` of type '${usual}', expected datatype '${isDatatype(datatype) ? datatype : '<invalid>'}'`;
    }
    isSupplied = true;
  }
  return undefined;
}

/** @param bytes undefined where the elements are in `contents`. Of datatypes and shapes that are none, the request itself tells. */
function sizeProblem(input: InputMessage, bytes: Uint8Array | undefined, model: string): string | undefined {
  const { name = '', datatype, shape = [] } = input;
  const elements = elementsOf(shape.map(Number));
  if (!isDatatype(datatype) || !Number.isSafeInteger(elements) || elements < 0) return undefined;
  const listed = MEMBERS.reduce((count, [member]) => count + (input.contents?.[member] ?? []).length, 0);
  if (datatype !== 'BYTES') {
    const size = ARRAYS[datatype].BYTES_PER_ELEMENT;
    const given = bytes?.length ?? listed * size;
    if (given === elements * size) return undefined;
    return `input byte size mismatch for input '${name}' for model '${model}'. Expected ${elements * size}, got ${given}`;
  }
  const described = `inference input '${name}' for model '${model}'`;
  return bytes ? stringsProblem(bytes, elements, described) : countProblem(listed, elements, described);
}

const countProblem = (count: number, elements: number, input: string): string | undefined =>
  count === elements ? undefined : `expected ${elements} string elements for ${input}, got ${count}`;

const LENGTH_BYTES = 4;

function stringsProblem(bytes: Uint8Array, elements: number, input: string): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let [count, offset] = [0, 0];
  for (; offset < bytes.length; count++) {
    const left = bytes.length - offset;
    if (left < LENGTH_BYTES) {
      return `incomplete string length indicator for ${input}, expecting ${LENGTH_BYTES} bytes but only ${left} bytes available. Please make sure the string length indicator is in one buffer.`;
    }
    const length = view.getUint32(offset, true);
    if (length > left - LENGTH_BYTES) {
      return `incomplete string data for ${input}, expecting string of length ${length} but only ${left - LENGTH_BYTES} bytes available`;
    }
    offset += LENGTH_BYTES + length;
  }
  return countProblem(count, elements, input);
}
