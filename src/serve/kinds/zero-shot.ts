import { softmax } from '../../runtime/generation/logits.js';
import { ok, type Result } from '../../util/result.js';
import type { ModelRequest, ServeError } from '../model.js';
import type { RowOutputs } from './network.js';
import { Options } from './options.js';
import { shapeOf, type TextSettings, textModel, tokenized } from './text-model.js';
import { readTexts, refused } from './texts.js';

interface Settings extends TextSettings {
  readonly hypothesis_template: string;
  /** Columns of `logits`. */
  readonly entailment: number;
  readonly contradiction: number;
  /** Labels of one text at most: each costs a row of the network. */
  readonly max_labels: number;
}

/** Texts sorted into classes that the request names, as transformers' zero-shot pipeline does it: the twin of src/triton/python/zero_shot.py. */
export const zeroShot = textModel<Settings>({
  pairs: true,
  read(request, { settings, tokenizer, batches }) {
    const texts = readTexts(request, 'TEXT', settings.max_characters);
    if (!texts.ok) return texts;
    const given = readTexts(request, 'CANDIDATE_LABELS', settings.max_characters);
    if (!given.ok) return given;
    const options = new Options(request.parameters);
    const template = options.text('hypothesis_template', settings.hypothesis_template);
    if (!template.ok) return template;
    if (!template.value.includes('{}')) return refused('hypothesis_template must have a place for the label: {}');
    const labels = labelsOf(request, texts.value, given.value, batches, settings.max_labels);
    if (!labels.ok) return labels;
    const multiLabel = options.boolean('multi_label', false);
    if (!multiLabel.ok) return multiLabel;
    const pairs = texts.value.flatMap((text, row) =>
      labels.value[row]!.map(label => [text, template.value.replaceAll('{}', () => label)] as const),
    );
    const encodings = tokenized(pairs, ([text, hypothesis]) => tokenizer.encode(text, hypothesis));
    if (!encodings.ok) return encodings;
    return ok({
      shape: shapeOf(request, 'TEXT'),
      rows: encodings.value.map(({ inputIds: ids, tokenTypeIds: typeIds }) => ({ ids, typeIds })),
      answer(outputs) {
        let next = 0;
        return texts.value.map((sequence, row) => {
          const names = labels.value[row]!;
          const own = outputs.slice(next, next + names.length);
          next += names.length;
          const scores = scoresOf(own, settings, multiLabel.value || names.length === 1);
          // Sorting is stable: of equal scores the label that was named first comes first.
          const order = names.map((_, index) => index).sort((a, b) => scores[b]! - scores[a]!);
          return {
            sequence,
            labels: order.map(index => names[index]!),
            scores: order.map(index => scores[index]!),
          };
        });
      },
    });
  },
});

/** The labels of each text: a row of their own, or where there is no batch dimension the same for all. */
function labelsOf(
  request: ModelRequest,
  texts: readonly string[],
  given: readonly string[],
  batches: boolean,
  most: number,
): Result<readonly (readonly string[])[], ServeError> {
  const [rows = 0, width = 0] = batches ? shapeOf(request, 'CANDIDATE_LABELS') : [texts.length, given.length];
  if (rows !== texts.length) return refused(`TEXT has ${texts.length} rows, but CANDIDATE_LABELS has ${rows}`);
  if (rows > 0 && width === 0) return refused('CANDIDATE_LABELS has no labels');
  if (rows > 0 && width > most) return refused(`CANDIDATE_LABELS has more than ${most} labels`);
  return ok(texts.map((_, row) => (batches ? given.slice(row * width, (row + 1) * width) : given)));
}

function scoresOf(
  outputs: readonly RowOutputs[],
  { entailment, contradiction }: Settings,
  independent: boolean,
): readonly number[] {
  const rows = outputs.map(output => output.logits!.data);
  if (!independent) return [...softmax(Float32Array.from(rows, row => row[entailment]!))];
  return rows.map(row => softmax(Float32Array.of(row[contradiction]!, row[entailment]!))[1]!);
}
