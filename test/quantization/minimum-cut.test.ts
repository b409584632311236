import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FlowNetwork } from '../../src/quantization/minimum-cut.js';

interface Edge {
  readonly from: number;
  readonly to: number;
  readonly capacity: number;
}

const weightOf = (edges: readonly Edge[], side: ReadonlySet<number>): number =>
  edges.filter(({ from, to }) => side.has(from) && !side.has(to)).reduce((sum, { capacity }) => sum + capacity, 0);

/** Of every set of vertices with 0 and without 1. */
function cheapest(vertices: number, edges: readonly Edge[]): number {
  let least = Number.POSITIVE_INFINITY;
  for (let bits = 0; bits < 2 ** (vertices - 2); bits++) {
    const side = new Set([
      0,
      ...Array.from({ length: vertices - 2 }, (_, i) => i + 2).filter(i => (bits >> (i - 2)) & 1),
    ]);
    least = Math.min(least, weightOf(edges, side));
  }
  return least;
}

function sideOf(vertices: number, edges: readonly Edge[]): ReadonlySet<number> {
  const network = new FlowNetwork();
  for (let i = 0; i < vertices; i++) network.vertex();
  for (const { from, to, capacity } of edges) network.edge(from, to, capacity);
  return network.sourceSide(0, 1);
}

test('no set of vertices is cheaper', () => {
  const graphs = fc.integer({ min: 2, max: 8 }).chain(vertices => {
    const vertex = fc.integer({ min: 0, max: vertices - 1 });
    const edge = fc.record({ from: vertex, to: vertex, capacity: fc.integer({ min: 0, max: 9 }) });
    return fc.record({ vertices: fc.constant(vertices), edges: fc.array(edge, { maxLength: 24 }) });
  });
  fc.assert(
    fc.property(graphs, ({ vertices, edges }) => {
      const side = sideOf(vertices, edges);
      expect(side.has(0) && !side.has(1)).toBe(true);
      expect(weightOf(edges, side)).toBe(cheapest(vertices, edges));
    }),
    { numRuns: 500 },
  );
});

test('of equally cheap cuts, the one with the fewest vertices on the source’s side; infinite edges are never cut', () => {
  const chain = [
    { from: 0, to: 2, capacity: 3 },
    { from: 2, to: 3, capacity: 3 },
    { from: 3, to: 1, capacity: 3 },
  ];
  expect([...sideOf(4, chain)]).toEqual([0]);
  expect([...sideOf(4, [{ ...chain[0]!, capacity: Number.POSITIVE_INFINITY }, ...chain.slice(1)])]).toEqual([0, 2]);
});

test('a chain of ten thousand vertices', () => {
  const edges = Array.from({ length: 10_000 }, (_, i) => ({ from: i === 0 ? 0 : i + 1, to: i + 2, capacity: 5 }));
  expect(sideOf(10_002, [...edges, { from: 10_001, to: 1, capacity: 4 }]).size).toBe(10_001);
});
