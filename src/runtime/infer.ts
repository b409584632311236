import { join } from 'node:path';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { batchOf } from './batch.js';
import { chosenSettings } from './chosen-settings.js';
import { type Entity, entitiesOf, tagOf } from './entities.js';
import { labelNames, type ModelConfig, readModelConfig } from './model-config.js';
import { openSession, type TensorValue } from './session.js';
import { type Encoding, loadTokenizer, type TextTokenizer } from './tokenizer.js';

export interface LabelScore {
  readonly label: string;
  readonly score: number;
}

/** An entity with its words and how sure the model is of them, from 0 to 1. */
export interface FoundEntity extends Entity {
  readonly text: string;
  readonly score: number;
}

/**
 * Classifies each text with the model of an artefact folder (config.json, tokenizer files, onnx/model.onnx): all labels,
 * best first. Scores as the `text-classification` pipelines of transformers give them.
 */
export const inferText = (
  folder: string,
  texts: readonly string[],
): Promise<Result<readonly (readonly LabelScore[])[], Failure>> =>
  runEach(folder, 'logits', texts, {
    encode: (tokenizer, text, maxLength) => tokenizer.encode(text, undefined, { maxLength }),
    present: (logits, _text, _encoding, config) => labelScores(logits.data, config),
  });

/** One vector for each text, as the model's modules make it: `sentence_embedding`. */
export const embedTexts = (
  folder: string,
  texts: readonly string[],
): Promise<Result<readonly Float32Array[], Failure>> =>
  runEach(folder, 'sentence_embedding', texts, {
    encode: (tokenizer, text, maxLength) => tokenizer.encode(text, undefined, { maxLength }),
    present: embedding => embedding.data,
  });

/** How well each text answers the question, from 0 to 1: a model that reads both together and gives one score. */
export const rankTexts = (
  folder: string,
  question: string,
  texts: readonly string[],
): Promise<Result<readonly number[], Failure>> =>
  runEach(folder, 'logits', texts, {
    encode: (tokenizer, text, maxLength) => tokenizer.encode(question, text, { maxLength }),
    present: (logits, _text, _encoding, config) => scoresOf(logits.data, config.problem_type ?? undefined)[0]!,
  });

/** The entities in each text, in their order. The score is the mean over the words of what their labels have. */
export const findEntities = (
  folder: string,
  texts: readonly string[],
): Promise<Result<readonly (readonly FoundEntity[])[], Failure>> =>
  runEach(folder, 'logits', texts, {
    encode: (tokenizer, text, maxLength) => tokenizer.locate(text, { maxLength }),
    present(logits, text, { spans }, config) {
      const width = logits.shape[2]!;
      const names = labelNames(config, width);
      const best = spans.map((_, token) => bestOf(logits.data.subarray(token * width, (token + 1) * width)));
      const letters = [...text];
      return entitiesOf(
        spans,
        best.map(({ label }) => tagOf(names[label]!)),
      ).map(entity => {
        const words = best.filter((_, token) => {
          const span = spans[token];
          return span && !span.continuesWord && span.start >= entity.start && span.end <= entity.end;
        });
        const score = words.reduce((sum, word) => sum + word.score, 0) / words.length;
        return { ...entity, text: letters.slice(entity.start, entity.end).join(''), score };
      });
    },
  });

type FloatTensor = TensorValue & { readonly dtype: 'float32' };

/** Runs texts one by one, so that none is padded, and presents one output of each. */
async function runEach<E extends Encoding, T>(
  folder: string,
  outputName: string,
  texts: readonly string[],
  use: {
    readonly encode: (tokenizer: TextTokenizer, text: string, maxLength: number) => E;
    readonly present: (output: FloatTensor, text: string, encoding: E, config: ModelConfig) => T;
  },
): Promise<Result<readonly T[], Failure>> {
  const config = await readModelConfig(folder);
  if (!config.ok) return config;
  const { vocab_size: embeddings, max_position_embeddings: positions = Number.POSITIVE_INFINITY } = config.value;
  const tokenizer = await loadTokenizer(folder, embeddings === undefined ? {} : { embeddings });
  if (!tokenizer.ok) return tokenizer;
  const session = await openSession(join(folder, 'onnx'), 'model.onnx', chosenSettings(folder));
  if (!session.ok) return session;
  const { inputs, outputs, run, release } = session.value;
  const maxLength = Math.min(tokenizer.value.maxLength, positions);
  try {
    if (!outputs.some(({ name }) => name === outputName)) {
      return fail(outputMissing(folder, outputName, outputs));
    }
    const results: T[] = [];
    for (const text of texts) {
      const encoding = use.encode(tokenizer.value, text, maxLength);
      const names = inputs.map(input => input.name);
      const found = await run(batchOf([encoding], names));
      if (!found.ok) return found;
      const output = found.value[outputName];
      if (output?.dtype !== 'float32') throw new Error(`'${outputName}' is not float32`);
      results.push(use.present(output, text, encoding, config.value));
    }
    return ok(results);
  } finally {
    await release();
  }
}

const outputMissing = (folder: string, name: string, outputs: readonly { readonly name: string }[]): Failure =>
  usageFailure('output-missing', 'the model does not give what is asked of it', {
    where: folder,
    expected: `an output '${name}'`,
    found: outputs.map(output => output.name).join(', '),
    ...(name === 'sentence_embedding'
      ? { fix: 'build a sentence-transformers folder: its modules.json says how one vector is made of a text' }
      : {}),
  });

/** Logits of one text as scores, best first: sigmoid for independent labels, softmax for exclusive ones, nothing for a regression. */
export function labelScores(logits: Float32Array, config: ModelConfig): LabelScore[] {
  const scores = scoresOf(logits, config.problem_type ?? undefined);
  return labelNames(config, logits.length)
    .map((label, index) => ({ label, score: scores[index]! }))
    .sort((a, b) => b.score - a.score);
}

function bestOf(logits: Float32Array): { readonly label: number; readonly score: number } {
  const scores = scoresOf(logits, 'single_label_classification');
  const score = Math.max(...scores);
  return { label: scores.indexOf(score), score };
}

function scoresOf(logits: Float32Array, problemType: string | undefined): readonly number[] {
  const values = Array.from(logits);
  if (problemType === 'regression') return values;
  if (problemType === 'multi_label_classification' || values.length === 1) {
    return values.map(value => 1 / (1 + Math.exp(-value)));
  }
  const largest = Math.max(...values);
  const powers = values.map(value => Math.exp(value - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map(power => power / sum);
}
