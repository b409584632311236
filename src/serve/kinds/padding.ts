import type { WireTensor } from '../../kserve/datatypes.js';

/** The part of td.json that says how rows of tokens become tensors. */
export interface PaddingSettings {
  /** Lengths that rows are padded to, ascending; the last is the longest that there is. */
  readonly buckets: readonly number[];
  readonly pad_token_id: number;
  readonly pad_token_type_id: number;
  readonly padding_side: 'left' | 'right';
}

export interface TokenRow {
  readonly ids: readonly number[];
  readonly typeIds: readonly number[];
}

export type TokenType = 'TYPE_INT32' | 'TYPE_INT64';

/** The bucket for rows of up to `longest` tokens. */
export const bucketFor = ({ buckets }: PaddingSettings, longest: number): number =>
  buckets.find(bucket => bucket >= longest)!;

/** The column of a row's first token. */
export const firstColumn = ({ padding_side: side }: PaddingSettings, count: number, length: number): number =>
  side === 'left' ? length - count : 0;

/** input_ids, attention_mask or token_type_ids, [rows, length]; undefined for any other name. */
export function paddedTensor(
  settings: PaddingSettings,
  name: string,
  type: TokenType,
  rows: readonly TokenRow[],
  length: number,
): WireTensor | undefined {
  const content: Readonly<Record<string, readonly [fill: number, tokens: (row: TokenRow) => readonly number[]]>> = {
    input_ids: [settings.pad_token_id, ({ ids }) => ids],
    attention_mask: [0, ({ ids }) => ids.map(() => 1)],
    token_type_ids: [settings.pad_token_type_id, ({ typeIds }) => typeIds],
  };
  if (!Object.hasOwn(content, name)) return undefined;
  const [fill, tokens] = content[name]!;
  const flat = new Int32Array(rows.length * length).fill(fill);
  for (const [index, row] of rows.entries()) {
    flat.set(tokens(row), index * length + firstColumn(settings, row.ids.length, length));
  }
  return integerTensor(name, type, [rows.length, length], flat);
}

export function integerTensor(name: string, type: TokenType, shape: readonly number[], data: Int32Array): WireTensor {
  return type === 'TYPE_INT32'
    ? { name, datatype: 'INT32', shape, data }
    : { name, datatype: 'INT64', shape, data: BigInt64Array.from(data, BigInt) };
}
