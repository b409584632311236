import { numbersOf } from '../../src/graph/elements.js';
import { type Graph, nodesOf, type Value } from '../../src/graph/graph.js';
import type { Tensor } from '../../src/graph/tensor.js';
import type { TensorRange } from '../../src/quantization/ranges.js';
import type { Tensors } from '../../src/runtime/session.js';
import { materialize } from '../../src/weights/materialize.js';
import { outputsOf } from './support.js';

/** What every float tensor of a graph holds on these inputs: each is made an output. */
export async function observed(
  graph: Graph,
  feeds: readonly Tensors[],
  folder: string,
): Promise<ReadonlyMap<Value, TensorRange>> {
  const values = nodesOf(graph)
    .flatMap(node => node.outputs)
    .filter(({ type }) => type.dtype === 'float32');
  const outputs = values.map((value, index) => ({ name: `value_${index}`, value }));
  const found = await outputsOf({ inputs: graph.inputs, outputs }, feeds, folder);
  return new Map(
    values.map((value, index) => [
      value,
      rangeOf(found.map(tensors => tensors[`value_${index}`]!.data as Float32Array)),
    ]),
  );
}

function rangeOf(pieces: readonly Float32Array[]): TensorRange {
  let [min, max, smallest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  let [elements, nonFinite, belowNormal, vanishing] = [0, 0, 0, 0];
  for (const x of pieces.flatMap(piece => [...piece])) {
    elements++;
    if (!Number.isFinite(x)) {
      nonFinite++;
      continue;
    }
    min = Math.min(min, x);
    max = Math.max(max, x);
    if (x === 0) continue;
    smallest = Math.min(smallest, Math.abs(x));
    if (Math.abs(x) < 2 ** -14) belowNormal++;
    if (Math.abs(x) <= 2 ** -25) vanishing++;
  }
  const finite = (x: number): number => (Number.isFinite(x) ? x : 0);
  return {
    min: finite(min),
    max: finite(max),
    smallestMagnitude: finite(smallest),
    elements,
    nonFinite,
    belowNormal,
    vanishing,
  };
}

/** The largest magnitude of a weight, read from its checkpoint. */
export function weightMaximum(value: Value): number {
  if (value.kind !== 'constant') return 0;
  return numbersOf(value.tensor.dtype, bytesOf(value.tensor)).reduce((largest, x) => Math.max(largest, Math.abs(x)), 0);
}

/** The largest magnitude of each slice of a weight [rows, columns] along an axis. */
export function channelMaxima(value: Value, axis: number): Float32Array {
  if (value.kind !== 'constant') return new Float32Array();
  const [rows, columns] = value.tensor.shape as [number, number];
  const maxima = new Float32Array(axis === 1 ? columns : rows);
  const numbers = numbersOf(value.tensor.dtype, bytesOf(value.tensor));
  for (const [i, x] of numbers.entries()) {
    const channel = axis === 1 ? i % columns : Math.floor(i / columns);
    maxima[channel] = Math.max(maxima[channel]!, Math.abs(x));
  }
  return maxima;
}

export function bytesOf(tensor: Tensor): Uint8Array {
  const bytes = materialize(tensor);
  if (!bytes.ok) throw new Error(JSON.stringify(bytes.error));
  return bytes.value;
}
