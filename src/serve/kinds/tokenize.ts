import type { WireTensor } from '../../kserve/datatypes.js';
import type { TextTokenizer } from '../../runtime/tokenizer.js';
import { type Failure, usageFailure } from '../../util/failure.js';
import { fail, ok, type Result } from '../../util/result.js';
import type { Answer, Kind, KindLoad, ModelRequest } from '../model.js';
import {
  bucketFor,
  integerTensor,
  type PaddingSettings,
  paddedTensor,
  type TokenRow,
  type TokenType,
} from './padding.js';
import { loadTextTokenizer, tokenized } from './text-model.js';
import { readTexts, refused } from './texts.js';

/** td.json of a tokenizer model. */
interface Settings extends PaddingSettings {
  /** Tokens that a text is cut to. */
  readonly max_length: number;
  readonly max_characters: number;
  readonly truncation_side: 'left' | 'right';
  /** Put before each text. */
  readonly prompt: string;
  readonly lower_case: boolean;
  /** Tokens of `prompt` and what stands before it. */
  readonly prompt_length: number;
}

interface Output {
  readonly name: string;
  readonly type: TokenType;
}

/** Texts, or pairs of texts, to token ids that are padded to a bucket: the twin of src/triton/python/tokenize.py. */
export const tokenize: Kind = async load => {
  // The stage wrote them; a file that was edited badly shows in the outputs, as it does with model.py.
  const settings = load.settings as unknown as Settings;
  const outputs = readOutputs(load);
  if (!outputs.ok) return outputs;
  const hasPairs = (load.config.input ?? []).some(input => input.name === 'TEXT_PAIR');
  const tokenizer = await loadTextTokenizer(load, settings, hasPairs);
  if (!tokenizer.ok) return tokenizer;
  const batches = (load.config.max_batch_size ?? 0) > 0;
  const model: Model = { settings, tokenizer: tokenizer.value, outputs: outputs.value, hasPairs, batches };
  return ok({ execute: async requests => requests.map(request => answer(request, model)) });
};

interface Model {
  readonly settings: Settings;
  readonly tokenizer: TextTokenizer;
  readonly outputs: readonly Output[];
  readonly hasPairs: boolean;
  readonly batches: boolean;
}

function answer(request: ModelRequest, model: Model): Answer {
  const { settings, tokenizer, outputs, hasPairs } = model;
  const texts = readTexts(request, 'TEXT', settings.max_characters);
  if (!texts.ok) return texts;
  const seconds = hasPairs ? readTexts(request, 'TEXT_PAIR', settings.max_characters) : undefined;
  if (seconds && !seconds.ok) return seconds;
  if (seconds && seconds.value.length !== texts.value.length) {
    return refused(`TEXT has ${texts.value.length} rows, but TEXT_PAIR has ${seconds.value.length}`);
  }
  const prepared = (text: string): string =>
    settings.lower_case ? (settings.prompt + text).toLowerCase() : settings.prompt + text;
  const rows = tokenized(texts.value, (text, row): TokenRow => {
    const { inputIds: ids, tokenTypeIds: typeIds } = tokenizer.encode(prepared(text), seconds?.value[row]);
    return { ids, typeIds };
  });
  if (!rows.ok) return rows;
  const longest = rows.value.reduce((most, { ids }) => Math.max(most, ids.length), 0);
  return ok({ outputs: outputs.map(output => tensorOf(output, model, rows.value, bucketFor(settings, longest))) });
}

function tensorOf(
  { name, type }: Output,
  { settings, batches }: Model,
  rows: readonly TokenRow[],
  length: number,
): WireTensor {
  const padded = paddedTensor(settings, name, type, rows, length);
  if (padded) return padded;
  const lengths = new Int32Array(rows.length).fill(settings.prompt_length);
  return integerTensor(name, type, batches ? [rows.length, 1] : [rows.length], lengths);
}

const OUTPUTS: readonly string[] = ['input_ids', 'attention_mask', 'token_type_ids', 'prompt_length'];

function readOutputs({ config, versionFolder }: KindLoad): Result<readonly Output[], Failure> {
  const outputs: Output[] = [];
  for (const { name = '', data_type: type } of config.output ?? []) {
    if (!OUTPUTS.includes(name) || (type !== 'TYPE_INT32' && type !== 'TYPE_INT64')) {
      return fail(
        usageFailure('kind-output', `a tokenizer has no output '${name}' of ${type}`, {
          where: versionFolder,
          expected: `${OUTPUTS.join(', ')} of TYPE_INT32 or TYPE_INT64`,
        }),
      );
    }
    outputs.push({ name, type });
  }
  return ok(outputs);
}
