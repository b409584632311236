import { indicesOfLargest, softmax } from '../../runtime/generation/logits.js';
import type { TextTokenizer } from '../../runtime/tokenizer.js';
import { ok } from '../../util/result.js';
import type { RowOutput } from './network.js';
import { Options } from './options.js';
import { shapeOf, type TextSettings, textModel, tokenized } from './text-model.js';
import { readTexts, refused } from './texts.js';

interface Settings extends TextSettings {
  readonly mask_token: string;
  readonly mask_token_id: number;
  readonly top_k: number;
}

/** What may stand where a text has a mask, as transformers' fill-mask pipeline says it: the twin of src/triton/python/masks.py. */
export const masks = textModel<Settings>({
  pairs: false,
  read(request, { settings, tokenizer }) {
    const texts = readTexts(request, 'TEXT', settings.max_characters);
    if (!texts.ok) return texts;
    const count = new Options(request.parameters).integer('top_k', settings.top_k, 1, 1000);
    if (!count.ok) return count;
    const encodings = tokenized(texts.value, text => tokenizer.encode(text));
    if (!encodings.ok) return encodings;
    const { mask_token_id: mask } = settings;
    const without = encodings.value.findIndex(({ inputIds }) => !inputIds.includes(mask));
    if (without >= 0) {
      return refused(`row ${without}: no ${settings.mask_token} in the first ${settings.max_length} tokens`);
    }
    return ok({
      shape: shapeOf(request, 'TEXT'),
      rows: encodings.value.map(({ inputIds: ids, tokenTypeIds: typeIds }) => ({ ids, typeIds })),
      answer: outputs =>
        encodings.value.map(({ inputIds }, row) => {
          const found = inputIds.flatMap((token, place) =>
            token === mask ? [fillings(tokenizer, inputIds, place, outputs[row]!.logits!, count.value)] : [],
          );
          return found.length === 1 ? found[0] : found;
        }),
    });
  },
});

function fillings(
  tokenizer: TextTokenizer,
  ids: readonly number[],
  place: number,
  { data, width }: RowOutput,
  count: number,
) {
  const logits = data.subarray(place * width, (place + 1) * width);
  const scores = softmax(logits);
  return indicesOfLargest(logits, count).map(token => ({
    score: scores[token]!,
    token,
    token_str: tokenizer.decode([token]),
    sequence: tokenizer.decode(ids.with(place, token), { skipSpecial: true }),
  }));
}
