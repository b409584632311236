import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeBinary } from '../kserve/binary.js';
import { type Datatype, elementsOf, type TensorData, type WireTensor } from '../kserve/datatypes.js';
import type { DataType, Message, ModelConfig } from '../triton/model-config.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { zeros } from './onnx/batches.js';
import { datatypeOf } from './request-checks.js';

type State = Message<'ModelSequenceBatching.State'>;
type Control = Message<'ModelSequenceBatching.Control'>;

/** Who a sequence is; a client may number or name it. */
export type SequenceId = number | bigint | string;

/** What the model is told of a request besides what the client sends. */
export interface SequenceFlags {
  readonly id: SequenceId;
  readonly start: boolean;
  readonly end: boolean;
}

/** The type of a control tensor: that of its two values, or the one of the correlation id. */
function typeOf({ data_type: type, int32_false_true: int32 = [], fp32_false_true: fp32 = [] }: Control): DataType {
  if (type && type !== 'TYPE_INVALID') return type;
  if (int32.length > 0) return 'TYPE_INT32';
  return fp32.length > 0 ? 'TYPE_FP32' : 'TYPE_BOOL';
}

const controlsOf = ({ sequence_batching: sequences }: ModelConfig) =>
  (sequences?.control_input ?? []).map(({ name = '', control = [] }) => ({ name, control: control[0] ?? {} }));

/** The configuration as the network has it: what the server adds are inputs like the others, and states are outputs. */
export function networkConfig(config: ModelConfig): ModelConfig {
  const { sequence_batching: sequences = {}, ...rest } = config;
  const { oldest, direct, state = [] } = sequences;
  const controls = controlsOf(config).map(({ name, control }) => ({ name, data_type: typeOf(control), dims: [1] }));
  const stateIo = (side: 'input_name' | 'output_name') =>
    state.map(({ [side]: name = '', data_type: type = 'TYPE_INVALID', dims = [] }) => ({
      name,
      data_type: type,
      dims,
    }));
  return {
    ...rest,
    input: [...(config.input ?? []), ...controls, ...stateIo('input_name')],
    output: [...(config.output ?? []), ...stateIo('output_name')],
    ...((config.max_batch_size ?? 0) > 0
      ? {
          dynamic_batching: {
            preferred_batch_size: oldest?.preferred_batch_size ?? [],
            max_queue_delay_microseconds:
              oldest?.max_queue_delay_microseconds ?? direct?.max_queue_delay_microseconds ?? 0,
          },
        }
      : {}),
  };
}

/** Control tensors of one request. */
export function controlInputs(config: ModelConfig, flags: SequenceFlags): WireTensor[] {
  const shape = (config.max_batch_size ?? 0) > 0 ? [1, 1] : [1];
  return controlsOf(config).map(({ name, control }) => {
    const datatype = datatypeOf(typeOf(control)) as Datatype;
    return { name, datatype, shape, data: controlData(datatype, control, flags) };
  });
}

function controlData(datatype: Datatype, control: Control, { id, start, end }: SequenceFlags): TensorData {
  const { kind = 'CONTROL_SEQUENCE_START' } = control;
  if (kind === 'CONTROL_SEQUENCE_CORRID') return idData(datatype, id);
  const isSet = kind === 'CONTROL_SEQUENCE_START' ? start : kind === 'CONTROL_SEQUENCE_END' ? end : true;
  if (datatype === 'BOOL') return Uint8Array.of(Number(control.bool_false_true?.[Number(isSet)]));
  const values = control.int32_false_true?.length ? control.int32_false_true : (control.fp32_false_true ?? []);
  const value = values[Number(isSet)]!;
  return datatype === 'INT32' ? Int32Array.of(value) : Float32Array.of(value);
}

function idData(datatype: Datatype, id: SequenceId): TensorData {
  if (datatype === 'BYTES') return [new TextEncoder().encode(`${id}`)];
  if (datatype === 'INT64') return BigInt64Array.of(BigInt(id));
  if (datatype === 'UINT64') return BigUint64Array.of(BigInt(id));
  return datatype === 'UINT32' ? Uint32Array.of(Number(id)) : Int32Array.of(Number(id));
}

/** Why a model cannot be told who a sequence is, in the server's words. */
export function idProblem(config: ModelConfig, id: SequenceId): string | undefined {
  const given = typeof id === 'string' ? 'BYTES' : 'UINT64';
  for (const { name, control } of controlsOf(config)) {
    if (control.kind !== 'CONTROL_SEQUENCE_CORRID') continue;
    const expected = datatypeOf(typeOf(control));
    if ((given === 'BYTES') === (expected === 'BYTES')) continue;
    return `sequence batching control '${name}' data-type is '${given}', but model '${config.name}' expects '${expected}'`;
  }
  return undefined;
}

/** What a sequence begins with. Failures: a file of initial_state that does not fit. */
export async function initialStates(config: ModelConfig, modelFolder: string): Promise<Result<WireTensor[], Failure>> {
  const states: WireTensor[] = [];
  for (const state of config.sequence_batching?.state ?? []) {
    const read = await initialState(state, (config.max_batch_size ?? 0) > 0, modelFolder);
    if (!read.ok) return read;
    states.push(read.value);
  }
  return ok(states);
}

async function initialState(
  { input_name: name = '', data_type: type, dims: declared = [], initial_state: [initial] = [] }: State,
  isBatched: boolean,
  modelFolder: string,
): Promise<Result<WireTensor, Failure>> {
  const datatype = datatypeOf(type) as Datatype;
  // Of an open length nothing is known until the model gives the first state.
  const dims = (initial?.dims ?? declared).map(dim => Math.max(1, Number(dim)));
  const elements = elementsOf(dims);
  const shape = isBatched ? [1, ...dims] : dims;
  if (initial?.data_file === undefined) return ok({ name, datatype, shape, data: zeros(datatype, elements) });
  const file = join(modelFolder, 'initial_state', initial.data_file);
  const decoded = decodeBinary(datatype, await readFile(file), elements);
  return decoded.ok
    ? ok({ name, datatype, shape, data: decoded.value })
    : fail(usageFailure('initial-state-file', decoded.error, { where: file }));
}

/** The states that a response gives for the next request, and the response as the client gets it. */
export function takeStates(
  config: ModelConfig,
  outputs: readonly WireTensor[],
  wanted: readonly string[],
): { readonly states: readonly WireTensor[]; readonly outputs: readonly WireTensor[] } {
  const declared = config.sequence_batching?.state ?? [];
  const isDeclared = (name: string): boolean => (config.output ?? []).some(output => output.name === name);
  return {
    states: declared.flatMap(({ input_name: name = '', output_name: from }) => {
      const output = outputs.find(each => each.name === from);
      return output ? [{ ...output, name }] : [];
    }),
    outputs: outputs.filter(({ name }) => isDeclared(name) && (wanted.length === 0 || wanted.includes(name))),
  };
}
