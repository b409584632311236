import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dim } from '../graph/tensor.js';
import { presentOutputs } from '../runtime/generation/cache.js';
import { DECODER_INPUT } from '../runtime/open-model.js';
import type { Session, Tensors, TensorValue } from '../runtime/session.js';
import type { Padding } from '../runtime/tokenizer.js';
import type { Failure } from '../util/failure.js';
import { prettyJson } from '../util/json.js';
import { ok, type Result } from '../util/result.js';
import type { CaseMode } from './cases.js';
import type { EvaluationSet, Rows } from './data/evaluation-data.js';
import { evaluationSetOf, evaluationTensors } from './evaluation.js';
import { type ScoredTexts, type TokenScores, tokenScoresOf, tokenScoreTensors } from './perplexity.js';
import { readTensors, writeTensors } from './tensors.js';
import type { ReferenceWriting } from './writing.js';

/** What the fp32 export gives for each case, and for the evaluation data. Every artefact of a model is compared with it. */
export interface Reference {
  readonly task: string;
  readonly seed: number;
  readonly padding: Padding | undefined;
  readonly outputs: Readonly<Record<string, ComparedOutput>>;
  readonly cases: readonly ReferenceCase[];
  /** Largest difference between texts alone and padded on the right; undefined when nothing could be padded. */
  readonly paddingEffect: number | undefined;
  readonly evaluation: ReferenceEvaluation | undefined;
  /** Of a language model, the evaluation texts and what the export makes of each token. */
  readonly texts?: ReferenceTexts;
  /** Of an encoder-decoder, what the export writes. */
  readonly writing?: ReferenceWriting;
}

/** A float output by its name. */
export interface ComparedOutput {
  /** Whether its axis 1 is a sequence of tokens. */
  readonly sequence: boolean;
  /** They are those that a decoder reads and writes, of which none is padding, not those of `attention_mask`. */
  readonly written?: true;
}

export interface ReferenceTexts extends ScoredTexts {
  readonly scores: TokenScores;
}

export interface ReferenceCase {
  readonly name: string;
  readonly mode: CaseMode;
  readonly inputs: Tensors;
  readonly outputs: Tensors;
}

export interface ReferenceEvaluation {
  readonly set: EvaluationSet;
  /** What the output that decides holds for each text, or for each of its tokens. */
  readonly rows: Rows;
}

const JSON_FILE = 'reference.json';
const TENSOR_FILE = 'tensors.safetensors';

/** `reference.json` beside the tensors; names of tensors are 'case0.input_ids', 'case0.logits', 'evaluation.rows'. */
interface ReferenceJson {
  readonly schema: 'transformer-deploy/reference/1';
  readonly task: string;
  readonly seed: number;
  readonly padding: Padding | null;
  readonly outputs: Reference['outputs'];
  readonly cases: readonly {
    readonly name: string;
    readonly mode: CaseMode;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
  }[];
  readonly paddingEffect: number | null;
  readonly writing?: ReferenceWriting;
}

/**
 * Outputs that hold scores or vectors; not a decoder's cache, whose faults show in the logits of the next call. Their axis 1 is the
 * sequence when the model gives it the name that `input_ids` has there, or what the decoder reads.
 */
export function comparedOutputs(session: Session): Reference['outputs'] {
  const lengthOf = (input: string) => session.inputs.find(({ name }) => name === input)?.shape[1];
  const [read, written] = [lengthOf('input_ids'), lengthOf(DECODER_INPUT)];
  const cache = presentOutputs(session.inputs);
  const comparedAs = (length: Dim | undefined): ComparedOutput => {
    if (typeof length !== 'string') return { sequence: false };
    return length === written ? { sequence: true, written: true } : { sequence: length === read };
  };
  return Object.fromEntries(
    session.outputs
      .filter(({ name, dtype }) => dtype === 'float32' && !cache.has(name))
      .map(({ name, shape }) => [name, comparedAs(shape[1])]),
  );
}

/** Names that end so are scores over labels or positions, where the largest decides. */
export const isLogits = (output: string): boolean => output.endsWith('logits');

export function writeReference(folder: string, reference: Reference): void {
  const json: ReferenceJson = {
    schema: 'transformer-deploy/reference/1',
    task: reference.task,
    seed: reference.seed,
    padding: reference.padding ?? null,
    outputs: reference.outputs,
    cases: reference.cases.map(({ name, mode, inputs, outputs }) => ({
      name,
      mode,
      inputs: Object.keys(inputs),
      outputs: Object.keys(outputs),
    })),
    paddingEffect: reference.paddingEffect ?? null,
    ...(reference.writing ? { writing: reference.writing } : {}),
  };
  const tensors: Record<string, TensorValue> = {};
  for (const { name, inputs, outputs } of reference.cases) {
    for (const [tensor, value] of Object.entries({ ...inputs, ...outputs })) tensors[`${name}.${tensor}`] = value;
  }
  const { evaluation, texts } = reference;
  if (evaluation) Object.assign(tensors, evaluationTensors(evaluation.set), { 'evaluation.rows': evaluation.rows });
  if (texts) {
    Object.assign(
      tensors,
      evaluationTensors({
        encodings: [...(texts.sources ?? []), ...texts.encodings],
        facts: { sources: [texts.sources?.length ?? 0] },
      }),
      tokenScoreTensors(texts.scores),
    );
  }
  mkdirSync(folder, { recursive: true });
  writeTensors(join(folder, TENSOR_FILE), widestFirst(tensors));
  writeFileSync(join(folder, JSON_FILE), prettyJson(json));
}

/** Keeps every tensor aligned to its elements: 8-byte ones before 4-byte ones. */
function widestFirst(tensors: Tensors): Tensors {
  const width = (tensor: TensorValue): number => tensor.data.BYTES_PER_ELEMENT;
  return Object.fromEntries(Object.entries(tensors).sort(([, a], [, b]) => width(b) - width(a)));
}

/** Reads what `writeReference` wrote. The cache has verified the bytes; damage here is a bug. */
export function readReference(folder: string): Result<Reference, Failure> {
  const json = JSON.parse(readFileSync(join(folder, JSON_FILE), 'utf8')) as ReferenceJson;
  const tensors = readTensors(join(folder, TENSOR_FILE));
  if (!tensors.ok) return tensors;
  const pick = (prefix: string, names: readonly string[]): Tensors =>
    Object.fromEntries(names.map(name => [name, tensors.value[`${prefix}.${name}`]!]));
  const set = evaluationSetOf(tensors.value);
  const rows = tensors.value['evaluation.rows'];
  const scores = tokenScoresOf(tensors.value);
  return ok({
    task: json.task,
    seed: json.seed,
    padding: json.padding ?? undefined,
    outputs: json.outputs,
    cases: json.cases.map(({ name, mode, inputs, outputs }) => ({
      name,
      mode,
      inputs: pick(name, inputs),
      outputs: pick(name, outputs),
    })),
    paddingEffect: json.paddingEffect ?? undefined,
    evaluation: set && rows?.dtype === 'float32' ? { set, rows } : undefined,
    ...(set && scores ? { texts: textsOf(set, scores) } : {}),
    ...(json.writing ? { writing: json.writing } : {}),
  });
}

function textsOf({ encodings, facts }: EvaluationSet, scores: TokenScores): ReferenceTexts {
  const count = facts.sources![0]!;
  return { ...(count > 0 ? { sources: encodings.slice(0, count) } : {}), encodings: encodings.slice(count), scores };
}
