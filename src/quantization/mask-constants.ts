import { elementsOf, isConstant } from '../graph/constants.js';
import { type Constant, type Graph, nodesOf, type Value } from '../graph/graph.js';
import type { Tensor } from '../graph/tensor.js';

/**
 * What stands for minus infinity in a 16-bit graph, and for numbers near it. exp(score - 30000) is 0 for every score that
 * occurs; float16 and bfloat16 hold it, and two of them added up: a row in which everything is masked gives no NaN.
 */
export const MASKED_SCORE = -30_000;

/** What a score is not. */
const SMALLEST_PENALTY = -1000;

/** What masks make of a graph's values. */
export interface Masks {
  /** Constants that only ever remove scores from a Softmax. */
  readonly constants: ReadonlySet<Tensor>;
  /** Values that hold such a constant, or a score with one added: their smallest value says nothing. */
  readonly values: ReadonlySet<Value>;
}

/** What hands a penalty on towards a Softmax. */
const SPREADS: ReadonlySet<string> = new Set([
  'Add',
  'Cast',
  'Concat',
  'Expand',
  'Gather',
  'Identity',
  'Max',
  'Min',
  'Mul',
  'Reshape',
  'Slice',
  'Squeeze',
  'Sum',
  'Transpose',
  'Unsqueeze',
  'Where',
]);

/** Finds them by where they end: a constant that reaches anything but a Softmax is a number like any other. */
export function masksOf(graph: Graph): Masks {
  const reached = new Map<Value, ReadonlySet<Tensor>>();
  const candidates = new Set<Tensor>();
  const others = new Set<Tensor>();
  const sourcesOf = (value: Value | undefined): Iterable<Tensor> => {
    if (value === undefined) return [];
    if (!isConstant(value)) return reached.get(value) ?? [];
    return isPenalty(value) ? [value.tensor] : [];
  };
  for (const node of nodesOf(graph)) {
    const sources = new Set(node.inputs.flatMap(input => [...sourcesOf(input)]));
    if (sources.size === 0) continue;
    for (const source of sources) candidates.add(source);
    if (node.op === 'Softmax' && node.domain === '') continue;
    if (SPREADS.has(node.op) && node.domain === '') for (const output of node.outputs) reached.set(output, sources);
    else for (const source of sources) others.add(source);
  }
  for (const { value } of graph.outputs) for (const source of sourcesOf(value)) others.add(source);
  const constants = new Set([...candidates].filter(tensor => !others.has(tensor)));
  const isMask = ([, sources]: readonly [Value, ReadonlySet<Tensor>]) =>
    [...sources].every(tensor => constants.has(tensor));
  return { constants, values: new Set([...reached].filter(isMask).map(([value]) => value)) };
}

function isPenalty(value: Constant): boolean {
  if (!value.type.dtype.includes('float')) return false;
  return elementsOf(value)?.some(element => element <= SMALLEST_PENALTY) ?? false;
}

/** The elements of a mask, none beyond what 16 bits can hold. */
export const representable = (elements: Float64Array): Float64Array =>
  elements.map(element => Math.max(element, MASKED_SCORE));
