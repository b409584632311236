import type { Graph, Output, Value } from '../graph/graph.js';
import type { Architecture } from './architecture.js';
import { logits } from './heads.js';
import type { Place } from './place.js';
import { onChoices, onTexts, type Texts } from './text-inputs.js';

interface Config {
  readonly labels: readonly string[];
  /** How many types of tokens the model knows; none unless told. */
  readonly tokenTypes?: number;
}

/** What a head makes of the hidden states [batch_size, sequence_length, hidden]. `model` is the root. */
type OnHidden<C, Made> = (model: Place, config: C, hidden: Value, texts: Texts) => Made;

interface HeadsOnHidden<C> {
  readonly base: OnHidden<C, readonly Output[]>;
  /** Logits [batch_size, labels]. */
  readonly 'sequence-classification': OnHidden<C, Value>;
  /** Logits [batch_size, sequence_length, labels]. */
  readonly 'token-classification': OnHidden<C, Value>;
  /** start_logits and end_logits. */
  readonly 'question-answering'?: OnHidden<C, readonly Output[]>;
  /** Logits [batch_size, sequence_length, vocabulary]. */
  readonly 'masked-language-model': OnHidden<C, Value>;
  /** A score for each text, [batch_size, 1]. */
  readonly 'multiple-choice'?: OnHidden<C, Value>;
}

/**
 * The graphs of a family whose heads all stand on the last hidden states that `encoder` gives from the root of the model,
 * [batch_size, sequence_length, hidden].
 */
export function encoderHeads<C extends Config>(
  encoder: (model: Place, config: C, texts: Texts) => Value,
  heads: HeadsOnHidden<C>,
): Architecture<C>['heads'] {
  type Built = (model: Place, config: C) => Graph;
  const outputs =
    (made: OnHidden<C, readonly Output[]>): Built =>
    (model, config) =>
      onTexts(config.tokenTypes ?? 0, texts => made(model, config, encoder(model, config, texts), texts));
  const scores = (made: OnHidden<C, Value>): Built => outputs((...on) => logits(made(...on)));
  const choices =
    (made: OnHidden<C, Value>): Built =>
    (model, config) =>
      onChoices(model, config.tokenTypes ?? 0, texts => made(model, config, encoder(model, config, texts), texts));

  const { 'question-answering': answer, 'multiple-choice': choice } = heads;
  return {
    base: outputs(heads.base),
    'sequence-classification': scores(heads['sequence-classification']),
    'token-classification': scores(heads['token-classification']),
    ...(answer && { 'question-answering': outputs(answer) }),
    'masked-language-model': scores(heads['masked-language-model']),
    ...(choice && { 'multiple-choice': choices(choice) }),
  };
}
