import { join } from 'node:path';
import type { WireTensor } from '../../kserve/datatypes.js';
import { type Encoding, loadTokenizerFile, type TextTokenizer } from '../../runtime/tokenizer.js';
import { type Failure, usageFailure } from '../../util/failure.js';
import { fail, ok, type Result } from '../../util/result.js';
import type { Answer, Kind, KindLoad, ModelRequest, ServeError } from '../model.js';
import { readTexts, refused } from './texts.js';

/** td.json of a tokenizer model. */
interface Settings {
  /** Tokens that a text is cut to. */
  readonly max_length: number;
  /** Lengths that a request is padded to, ascending; the last is max_length. */
  readonly buckets: readonly number[];
  readonly max_characters: number;
  readonly pad_token_id: number;
  readonly pad_token_type_id: number;
  readonly padding_side: 'left' | 'right';
  readonly truncation_side: 'left' | 'right';
}

interface Output {
  readonly name: string;
  readonly datatype: 'INT32' | 'INT64';
  /** What stands where there is no token. */
  readonly padding: number;
  tokens(encoding: Encoding): readonly number[];
}

/** Texts, or pairs of texts, to token ids that are padded to a bucket: the twin of src/triton/python/tokenize.py. */
export const tokenize: Kind = async load => {
  // The stage wrote them; a file that was edited badly shows in the outputs, as it does with model.py.
  const settings = load.settings as unknown as Settings;
  const outputs = readOutputs(load, settings);
  if (!outputs.ok) return outputs;
  const loaded = await loadTokenizerFile(join(load.versionFolder, 'tokenizer.json'), {
    model_max_length: settings.max_length,
    truncation_side: settings.truncation_side,
  });
  if (!loaded.ok) return loaded;
  const tokenizer = loaded.value;
  const hasPairs = (load.config.input ?? []).some(input => input.name === 'TEXT_PAIR');
  const special = specialTokens(tokenizer, hasPairs);
  if (settings.max_length <= special) {
    return fail(
      usageFailure(
        'length-too-small',
        `max_length is ${settings.max_length}, but ${special} special tokens are added to a text`,
        { where: join(load.versionFolder, 'td.json') },
      ),
    );
  }
  return ok({
    async execute(requests) {
      return requests.map(request => answer(request, tokenizer, settings, outputs.value, hasPairs));
    },
  });
};

const specialTokens = (tokenizer: TextTokenizer, pair: boolean): number =>
  tokenizer.encode('', pair ? '' : undefined, { maxLength: Number.POSITIVE_INFINITY }).inputIds.length;

function answer(
  request: ModelRequest,
  tokenizer: TextTokenizer,
  settings: Settings,
  outputs: readonly Output[],
  hasPairs: boolean,
): Answer {
  const texts = readTexts(request, 'TEXT', settings.max_characters);
  if (!texts.ok) return texts;
  const seconds = hasPairs ? readTexts(request, 'TEXT_PAIR', settings.max_characters) : undefined;
  if (seconds && !seconds.ok) return seconds;
  if (seconds && seconds.value.length !== texts.value.length) {
    return refused(`TEXT has ${texts.value.length} rows, but TEXT_PAIR has ${seconds.value.length}`);
  }
  const encodings = encode(tokenizer, texts.value, seconds?.value);
  if (!encodings.ok) return encodings;
  const longest = encodings.value.reduce((most, { inputIds }) => Math.max(most, inputIds.length), 0);
  const length = settings.buckets.find(bucket => bucket >= longest)!;
  return ok({ outputs: outputs.map(output => padded(output, encodings.value, length, settings.padding_side)) });
}

function encode(
  tokenizer: TextTokenizer,
  texts: readonly string[],
  seconds: readonly string[] | undefined,
): Result<readonly Encoding[], ServeError> {
  const encodings: Encoding[] = [];
  for (const [row, text] of texts.entries()) {
    try {
      encodings.push(tokenizer.encode(text, seconds?.[row]));
    } catch (error) {
      return refused(`row ${row}: the tokenizer refuses it: ${error instanceof Error ? error.message : error}`);
    }
  }
  return ok(encodings);
}

/** [rows, length] */
function padded(
  { name, datatype, padding, tokens }: Output,
  encodings: readonly Encoding[],
  length: number,
  side: 'left' | 'right',
): WireTensor {
  const shape = [encodings.length, length];
  const flat = new Int32Array(encodings.length * length).fill(padding);
  for (const [row, encoding] of encodings.entries()) {
    const ids = tokens(encoding);
    flat.set(ids, row * length + (side === 'left' ? length - ids.length : 0));
  }
  return { name, datatype, shape, data: datatype === 'INT32' ? flat : BigInt64Array.from(flat, BigInt) };
}

function readOutputs({ config, versionFolder }: KindLoad, settings: Settings): Result<readonly Output[], Failure> {
  const known: Readonly<Record<string, Pick<Output, 'padding' | 'tokens'>>> = {
    input_ids: { padding: settings.pad_token_id, tokens: encoding => encoding.inputIds },
    attention_mask: { padding: 0, tokens: encoding => encoding.attentionMask },
    token_type_ids: { padding: settings.pad_token_type_id, tokens: encoding => encoding.tokenTypeIds },
  };
  const outputs: Output[] = [];
  for (const { name = '', data_type: type } of config.output ?? []) {
    const facts = Object.hasOwn(known, name) ? known[name] : undefined;
    if (facts === undefined || (type !== 'TYPE_INT32' && type !== 'TYPE_INT64')) {
      return fail(
        usageFailure('kind-output', `a tokenizer has no output '${name}' of ${type}`, {
          where: versionFolder,
          expected: `${Object.keys(known).join(', ')} of TYPE_INT32 or TYPE_INT64`,
        }),
      );
    }
    outputs.push({ name, datatype: type === 'TYPE_INT32' ? 'INT32' : 'INT64', ...facts });
  }
  return ok(outputs);
}
