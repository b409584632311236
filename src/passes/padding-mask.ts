import { scalarOf } from '../graph/constants.js';
import { sameDim } from '../graph/dims.js';
import type { Node, Value } from '../graph/graph.js';
import { producer } from '../graph/pass.js';

/** The lowest float32. What stands for -inf: a row in which everything is masked then gives no NaN. */
export const LOWEST = -3.4028234663852886e38;

/** From here on exp(score + penalty) is 0 in float32 for every score that occurs. */
const SMALLEST_PENALTY = -1e4;

export interface PaddingMask {
  /** [batch, keys] of 1 (a token) and 0 (padding), of whatever dtype the model uses. */
  readonly tokens: Value;
  /** What is added to the score of a padded key. */
  readonly penalty: number;
}

/**
 * Reads what is added to attention scores [batch, heads, queries, keys] back as the mask that it was made of:
 * (1 - tokens) · penalty, or a choice (Where) between 0 and the penalty. A string says why it is none.
 */
export function paddingMaskOf(addend: Value): PaddingMask | string {
  const penalties = unwrapped(addend);
  const product = producer(penalties, 'Mul');
  if (product) {
    const [a, b] = [product.inputs[0]!, product.inputs[1]!];
    return scalarOf(a) === undefined ? masked(b, a) : masked(a, b);
  }
  const choice = producer(penalties, 'Where');
  if (choice) {
    const [condition, whenTrue, whenFalse] = choice.inputs as [Value, Value, Value];
    const inverted = invertedTokens(condition);
    // Where (1 - tokens) is 0, it is also what may stand for the 0 to add.
    if (inverted && (isZero(whenFalse) || invertedTokens(whenFalse) === inverted))
      return withPenalty(inverted, whenTrue);
    if (!inverted && isZero(whenTrue)) return withPenalty(source(condition), whenFalse);
  }
  return 'what is added to the scores is not made of a padding mask by (1 - mask) * penalty or Where';

  function masked(penalty: Value, inverted: Value): PaddingMask | string {
    const [tokens, number] = scalarOf(penalty) === undefined ? [penalty, inverted] : [inverted, penalty];
    const found = invertedTokens(tokens);
    return found === undefined ? 'what is multiplied with the penalty is not 1 - mask' : withPenalty(found, number);
  }

  function withPenalty(tokens: Value, penalty: Value): PaddingMask | string {
    const number = scalarOf(penalty);
    if (number === undefined) return 'the penalty of padded keys is not a constant';
    if (number > SMALLEST_PENALTY) return `the penalty of padded keys, ${number}, does not remove them`;
    const [batch, , , keys] = addend.type.shape;
    const { shape } = tokens.type;
    if (
      shape.length !== 2 ||
      addend.type.shape.length !== 4 ||
      !sameDim(shape[0]!, batch!) ||
      !sameDim(shape[1]!, keys!)
    ) {
      return `the mask has the shape [${shape.join(', ')}] instead of [batch, keys]`;
    }
    return { tokens, penalty: Math.max(number, LOWEST) };
  }
}

/** `tokens` where `value` is 1 - tokens or "not a token", in whatever shape and dtype. */
function invertedTokens(value: Value): Value | undefined {
  const node = unwrapped(value);
  if (node.kind !== 'output') return undefined;
  const { op, inputs } = node.node;
  if (op === 'Sub' && scalarOf(inputs[0]) === 1) return source(inputs[1]!);
  if (op === 'Not') return source(inputs[0]!);
  if (op === 'Equal' && isZero(inputs[1]!)) return source(inputs[0]!);
  return undefined;
}

/** What keeps each element's meaning as 0 or 1. */
const KEEPS: ReadonlySet<string> = new Set(['Cast', 'Unsqueeze', 'Expand', 'Reshape']);

const keepsFlags = (node: Node): boolean => node.domain === '' && KEEPS.has(node.op);

function unwrapped(value: Value): Value {
  while (value.kind === 'output' && keepsFlags(value.node)) value = value.node.inputs[0]!;
  return value;
}

/** Up to the mask as [batch, keys]. */
function source(value: Value): Value {
  while (value.type.shape.length > 2 && value.kind === 'output' && keepsFlags(value.node))
    value = value.node.inputs[0]!;
  while (value.kind === 'output' && value.node.op === 'Cast') value = value.node.inputs[0]!;
  return value;
}

const isZero = (value: Value): boolean => scalarOf(value) === 0;
