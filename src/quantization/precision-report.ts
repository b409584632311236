import { everyNodeOf, type Graph, type Value, valuesReadBy } from '../graph/graph.js';
import type { ExplicitGraph } from './explicit-quantization.js';
import type { PrecisionPlan } from './precision-plan.js';
import { isFloat } from './precision-rules.js';
import type { RangeTable, TensorRange } from './ranges.js';

/** The ranges of a graph's inputs and values by the names that they have, outputs by theirs. */
export function rangesByValue(graph: Graph, table: RangeTable): ReadonlyMap<Value, TensorRange> {
  const ranges = new Map<Value, TensorRange>();
  const note = (value: Value, name: string | undefined): void => {
    const range = name === undefined ? undefined : table[name];
    if (range) ranges.set(value, range);
  };
  for (const input of graph.inputs) note(input, input.name);
  for (const node of everyNodeOf(graph)) for (const output of node.outputs) note(output, output.name);
  for (const { name, value } of graph.outputs) note(value, name);
  return ranges;
}

/** What the report says of a graph in 16 bits. */
export interface PrecisionReport {
  readonly format: string;
  /** Nodes that compute in 16 bits. */
  readonly half: number;
  /** Nodes that stay in float32, and the tensor that shows why. */
  readonly kept: readonly {
    readonly at: string;
    readonly operator: string;
    readonly tensor?: string;
    readonly reason: string;
  }[];
  /** Conversions of activations. */
  readonly casts: number;
  /** Float tensors that no calibration has looked at: nothing is known of their range. */
  readonly unobserved: number;
}

export function precisionReport(
  graph: Graph,
  plan: PrecisionPlan,
  casts: number,
  ranges: ReadonlyMap<Value, TensorRange>,
): PrecisionReport {
  const nodes = [...everyNodeOf(graph)];
  // Operators have outputs that nobody asks for.
  const used = new Set<Value>([
    ...nodes.flatMap(node => [...valuesReadBy(node)]),
    ...graph.outputs.map(({ value }) => value),
  ]);
  const values = nodes.flatMap(node => node.outputs).filter(value => isFloat(value) && used.has(value));
  return {
    format: plan.format,
    half: plan.half.size,
    kept: plan.kept.map(({ node, value, reason }) => {
      const tensor = nameOf(value);
      return {
        at: node.path,
        operator: node.op,
        ...(tensor === undefined ? {} : { tensor }),
        reason: `kept fp32: ${reason}`,
      };
    }),
    casts,
    unobserved: values.filter(value => !ranges.has(value)).length,
  };
}

const nameOf = (value: Value | undefined): string | undefined => (value?.name === '' ? undefined : value?.name);

/** The same, with what runs on integers or float8. */
export const explicitReport = (
  graph: Graph,
  { plan, casts, quantized, residuals, left }: ExplicitGraph,
  ranges: ReadonlyMap<Value, TensorRange>,
) => ({ quantized, residuals, left, rest: precisionReport(graph, plan, casts, ranges) });
