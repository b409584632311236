import { groupsOf, tagOf, type Word, wordsOf } from '../../runtime/entities.js';
import { indexOfLargest, softmax } from '../../runtime/generation/logits.js';
import type { LocatedEncoding } from '../../runtime/tokenizer.js';
import { ok } from '../../util/result.js';
import type { RowOutput } from './network.js';
import { Options } from './options.js';
import { shapeOf, type TextSettings, textModel, tokenized } from './text-model.js';
import { readTexts } from './texts.js';

const STRATEGIES = ['simple', 'first', 'average', 'max'] as const;
type Strategy = (typeof STRATEGIES)[number];

interface Settings extends TextSettings {
  /** Names of the columns of `logits`. */
  readonly labels: readonly string[];
  readonly aggregation_strategy: Strategy;
}

/** Entities in texts, as transformers' token-classification pipeline groups them: the twin of src/triton/python/entities.py. */
export const entities = textModel<Settings>({
  pairs: false,
  read(request, { settings, tokenizer }) {
    const texts = readTexts(request, 'TEXT', settings.max_characters);
    if (!texts.ok) return texts;
    const strategy = new Options(request.parameters).choice(
      'aggregation_strategy',
      settings.aggregation_strategy,
      STRATEGIES,
    );
    if (!strategy.ok) return strategy;
    const encodings = tokenized(texts.value, text => tokenizer.locate(text));
    if (!encodings.ok) return encodings;
    return ok({
      shape: shapeOf(request, 'TEXT'),
      rows: encodings.value.map(({ inputIds: ids, tokenTypeIds: typeIds }) => ({ ids, typeIds })),
      answer: outputs =>
        texts.value.map((text, row) =>
          found([...text], encodings.value[row]!, outputs[row]!.logits!, settings.labels, strategy.value),
        ),
    });
  },
});

function found(
  letters: readonly string[],
  { spans }: LocatedEncoding,
  logits: RowOutput,
  labels: readonly string[],
  strategy: Strategy,
) {
  const scoresOf = (token: number): Float64Array =>
    softmax(logits.data.subarray(token * logits.width, (token + 1) * logits.width));
  // Spaces are in no entity.
  const shown = spans.map(span => (span && span.end > span.start ? span : undefined));
  const words = wordsOf(shown, strategy !== 'simple').map(word => ({ word, ...labelled(word, scoresOf, strategy) }));
  return groupsOf(words.map(({ label }) => tagOf(labels[label]!))).map(({ label, members }) => {
    const own = members.map(member => words[member]!);
    const start = own[0]!.word.start;
    const end = Math.max(...own.map(({ word }) => word.end));
    const score = own.reduce((sum, word) => sum + word.score, 0) / own.length;
    return { entity_group: label, score, word: letters.slice(start, end).join(''), start, end };
  });
}

/** The label of a word, by the scores of its tokens. */
function labelled({ tokens }: Word, scoresOf: (token: number) => Float64Array, strategy: Strategy) {
  const rows = tokens.map(scoresOf);
  let row = rows[0]!;
  if (strategy === 'max') row = rows[indexOfLargest(rows.map(scores => Math.max(...scores)))]!;
  if (strategy === 'average') {
    row = row.map((_, label) => rows.reduce((sum, scores) => sum + scores[label]!, 0) / rows.length);
  }
  const label = indexOfLargest(row);
  return { label, score: row[label]! };
}
