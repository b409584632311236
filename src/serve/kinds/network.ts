import type { WireTensor } from '../../kserve/datatypes.js';
import { fail, ok, type Result } from '../../util/result.js';
import { type ExecuteContext, type ServeError, serveError } from '../model.js';
import {
  bucketFor,
  firstColumn,
  type PaddingSettings,
  paddedTensor,
  type TokenRow,
  type TokenType,
} from './padding.js';

/** td.json's "network": the model of the repository that is asked. */
export interface NetworkSettings extends PaddingSettings {
  readonly network: {
    readonly name: string;
    /** input_ids, attention_mask, token_type_ids, as far as it reads them. */
    readonly inputs: Readonly<Record<string, TokenType>>;
    readonly outputs: readonly string[];
    /** Whether outputs have a column for each token. */
    readonly per_token: boolean;
    /** Rows of one call. */
    readonly max_rows: number;
  };
}

/** What a network says of one row: [columns, width], or [width] of an output that is not by token. */
export interface RowOutput {
  readonly data: Float32Array;
  readonly width: number;
}
export type RowOutputs = Readonly<Record<string, RowOutput>>;

/** For each row its outputs, padding cut off, or the error of its batch. Rows of one length go together. */
export async function askNetwork(
  settings: NetworkSettings,
  rows: readonly TokenRow[],
  context: ExecuteContext,
  signal: AbortSignal,
): Promise<readonly Result<RowOutputs, ServeError>[]> {
  const results = new Array<Result<RowOutputs, ServeError>>(rows.length);
  const byLength = new Map<number, number[]>();
  for (const [index, { ids }] of rows.entries()) {
    const length = bucketFor(settings, ids.length);
    byLength.set(length, [...(byLength.get(length) ?? []), index]);
  }
  const { max_rows: most } = settings.network;
  for (const [length, indices] of [...byLength].sort(([a], [b]) => a - b)) {
    for (let start = 0; start < indices.length; start += most) {
      const batch = indices.slice(start, start + most);
      const found = await askBatch(
        settings,
        batch.map(index => rows[index]!),
        length,
        context,
        signal,
      );
      for (const [at, index] of batch.entries()) results[index] = found.ok ? ok(found.value[at]!) : found;
    }
  }
  return results;
}

async function askBatch(
  settings: NetworkSettings,
  rows: readonly TokenRow[],
  length: number,
  context: ExecuteContext,
  signal: AbortSignal,
): Promise<Result<readonly RowOutputs[], ServeError>> {
  const { name, inputs, outputs, per_token: perToken } = settings.network;
  const tensors = Object.entries(inputs).map(([input, type]) => paddedTensor(settings, input, type, rows, length)!);
  const answer = await context.call(name, { parameters: {}, inputs: tensors, outputs, signal });
  if (!answer.ok) return answer;
  const found = new Map(answer.value.outputs.map(output => [output.name, output]));
  const results: Record<string, RowOutput>[] = rows.map(() => ({}));
  for (const output of outputs) {
    const tensor = found.get(output);
    if (!isFloats(tensor)) return fail(serveError('INTERNAL', `the model '${name}' gives no FP32 output '${output}'`));
    const size = tensor.data.length / rows.length;
    const width = perToken ? size / length : size;
    for (const [index, { ids }] of rows.entries()) {
      const start = index * size + (perToken ? firstColumn(settings, ids.length, length) * width : 0);
      const count = perToken ? ids.length * width : size;
      results[index]![output] = { data: tensor.data.subarray(start, start + count), width };
    }
  }
  return ok(results);
}

const isFloats = (tensor: WireTensor | undefined): tensor is WireTensor & { readonly data: Float32Array } =>
  tensor?.data instanceof Float32Array;
