import { describe, expect, test } from 'vitest';
import { integers, scalar, tensorOf } from '../../src/graph/constants.js';
import { constant, type Input, type Value } from '../../src/graph/graph.js';
import { type Ops, ops } from '../../src/graph/ops.js';
import type { Pass } from '../../src/graph/pass.js';
import { finiteMasks } from '../../src/passes/finite-masks.js';
import { mergeReshapes } from '../../src/passes/merge-reshapes.js';
import { outerProducts } from '../../src/passes/outer-products.js';
import { packedProjections } from '../../src/passes/packed-projections.js';
import { quotients } from '../../src/passes/quotients.js';
import { rotateHalves } from '../../src/passes/rotate-halves.js';
import { sharedHeads } from '../../src/passes/shared-heads.js';
import type { Tensors } from '../../src/runtime/session.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { applied, graphOf, input, int64, largestDifference, operators, random, run, TOLERANCE } from './support.js';

const folder = temporaryFolders();
const op = ops('at');

/** Heads, and features of each. */
const [HEADS, SIZE] = [2, 6];
const x = input('x', ['batch_size', 'sequence_length', HEADS * SIZE]);
const positions = input('positions', ['batch_size', 'sequence_length'], 'int64');
const feeds: Tensors = { x: random([2, 3, HEADS * SIZE]), positions: int64([2, 3], [0, 1, 2, 5, 9, 1]) };

interface Rotation {
  readonly order?: 'cos first' | 'cos last';
  /** Where the second half of the angles begins: the same again, or other ones. */
  readonly repeats?: boolean;
  readonly negated?: 'second' | 'first';
  readonly half?: number;
}

/** x · cos + rotate_half(x) · sin, as transformers writes it. */
function rotated({ order = 'cos first', repeats = true, negated = 'second', half = SIZE / 2 }: Rotation = {}): Value {
  const heads = op.Transpose(op.Reshape(x, [0, 0, HEADS, SIZE]), { perm: [0, 2, 1, 3] });
  const frequencies = constant(tensorOf('float32', [3], [1, 0.5, 0.25]));
  const angles = op.Mul(op.Unsqueeze(op.Cast(positions, { to: 'float32' }), [2]), frequencies);
  const twice = op.Concat([angles, repeats ? angles : op.Mul(angles, 2)], { axis: -1 });
  const [cos, sin] = [op.Cos(twice), op.Sin(twice)].map(each => op.Unsqueeze(op.Mul(each, 1), [1]));
  const [first, second] = [
    [0, half],
    [half, Number.MAX_SAFE_INTEGER],
  ].map(([from, to]) => op.Slice(heads, [from!], [to!], [3], [1]));
  const swapped = negated === 'second' ? [op.Neg(second!), first!] : [second!, op.Neg(first!)];
  const straight = order === 'cos first' ? op.Mul(heads, cos!) : op.Mul(cos!, heads);
  return op.Add(straight, op.Mul(op.Concat(swapped, { axis: -1 }), sin!));
}

/** The same numbers before and after, and that they are read: other operators remain. */
async function rewritten(
  pass: Pass,
  inputs: readonly Input[],
  value: Value,
  given: Tensors,
): Promise<readonly string[]> {
  const graph = graphOf(inputs, value);
  const { graph: after, fired } = applied(pass, graph);
  expect(fired).toBeGreaterThan(0);
  const [expected, found] = [await run(graph, given, folder()), await run(after, given, folder())];
  expect(largestDifference(expected, found)).toBeLessThan(TOLERANCE);
  return operators(after);
}

describe('rotate-halves', () => {
  test.each(['cos first', 'cos last'] as const)('%s: halves are turned where they are', async order => {
    const after = await rewritten(rotateHalves, [x, positions], rotated({ order }), feeds);
    expect(after).not.toContain('Neg');
    expect(after.slice(-3)).toEqual(['Reshape', 'Reshape', 'Transpose']);
  });

  test.each([
    ['the halves have angles of their own', { repeats: false }],
    ['it turns the other way', { negated: 'first' }],
    ['the parts are not halves', { half: 2 }],
  ] as const)('not where %s', (_, rotation) => {
    expect(applied(rotateHalves, graphOf([x, positions], rotated(rotation))).fired).toBe(0);
  });

  test('says why not', () => {
    const { refused } = applied(rotateHalves, graphOf([x, positions], rotated({ repeats: false })));
    expect(refused.map(({ reason }) => reason)).toEqual(['the angles are not twice the same in a row']);
  });
});

describe('shared-heads', () => {
  // As many copies as groups: their shapes do not tell which is which.
  const [groups, copies] = [2, 2];
  const query = input('query', ['batch_size', groups * copies, 'sequence_length', SIZE]);
  const key = input('key', ['batch_size', groups, 'total_length', SIZE]);
  const given = { query: random([2, 4, 3, SIZE]), key: random([2, 2, 5, SIZE], 2) };

  /** repeat_kv; or with all heads once more behind themselves, which is another order. */
  function copied(at: Ops, axis: 1 | 2): Value {
    const length = (of: number): Value => at.Shape(key, { start: of, end: of + 1 });
    const counts = axis === 2 ? [groups, copies] : [copies, groups];
    const shape = at.Concat([length(0), integers(counts), length(2), integers([SIZE])], { axis: 0 });
    const merged = at.Concat([length(0), integers([groups * copies]), length(2), integers([SIZE])], { axis: 0 });
    return at.Reshape(at.Expand(at.Unsqueeze(key, [axis]), shape), merged);
  }

  const scores = (axis: 1 | 2): Value =>
    op.MatMul(query, op.Mul(op.Transpose(copied(op, axis), { perm: [0, 1, 3, 2] }), 0.5));

  test('keys are not copied', async () => {
    const after = await rewritten(sharedHeads, [query, key], scores(2), given);
    expect(after).not.toContain('Expand');
  });

  test('values are not copied: the rows are as long as the text', async () => {
    const value = op.MatMul(op.Softmax(scores(2), { axis: -1 }), copied(op, 2));
    expect(await rewritten(sharedHeads, [query, key], value, given)).not.toContain('Expand');
  });

  test('not where the copies stand in another order', () => {
    expect(applied(sharedHeads, graphOf([query, key], scores(1))).fired).toBe(0);
  });
});

describe('outer-products', () => {
  const column = input('column', ['batch_size', 4, 1]);
  const row = input('row', ['batch_size', 1, 'sequence_length']);
  const given = { column: random([2, 4, 1]), row: random([2, 1, 3], 2) };

  test('become multiplications', async () => {
    expect(await rewritten(outerProducts, [column, row], op.MatMul(column, row), given)).toEqual(['Mul']);
  });

  test('what is repeated for the product only is not', async () => {
    const frequencies = constant(tensorOf('float32', [1, 4, 1], [1, 2, 3, 4]));
    const shape = op.Concat([op.Shape(row, { start: 0, end: 1 }), integers([4, 1])], { axis: 0 });
    const product = op.MatMul(op.Expand(frequencies, shape), row);
    expect(await rewritten(outerProducts, [row], product, { row: given.row })).toEqual(['Mul']);
  });

  test('sums of more than one product stay', () => {
    const wide = input('wide', ['batch_size', 4, 2]);
    const tall = input('tall', ['batch_size', 2, 'sequence_length']);
    expect(applied(outerProducts, graphOf([wide, tall], op.MatMul(wide, tall))).fired).toBe(0);
  });
});

describe('finite-masks', () => {
  const scores = input('scores', ['batch_size', 1, 'sequence_length', 'sequence_length']);
  const tokens = input('tokens', ['batch_size', 'sequence_length'], 'int64');
  const given = { scores: random([2, 1, 3, 3]), tokens: int64([2, 3], [1, 1, 1, 0, 1, 1]) };

  function guarded(causal: boolean, penalty = Number.NEGATIVE_INFINITY): Value {
    const length = op.Squeeze(op.Shape(tokens, { start: 1, end: 2 }), [0]);
    const count = op.Range(0, length, 1);
    const isToken = op.Unsqueeze(op.Cast(tokens, { to: 'bool' }), [1, 2]);
    const isBefore = op.LessOrEqual(op.Unsqueeze(count, [0]), op.Unsqueeze(count, [1]));
    const seen = causal ? op.And(isBefore, isToken) : isToken;
    const mask = op.Where(seen, scalar('float32', 0), scalar('float32', penalty));
    const probabilities = op.Softmax(op.Add(scores, mask), { axis: -1 });
    return op.Where(op.IsNaN(probabilities), scalar('float32', 0), probabilities);
  }

  test('queries that see a key get the same; others the mean instead of 0', async () => {
    const graph = graphOf([scores, tokens], guarded(true));
    const { graph: after } = applied(finiteMasks, graph);
    expect(operators(after)).not.toContain('IsNaN');
    const [expected, found] = [await run(graph, given, folder()), await run(after, given, folder())];
    // The second text's first token is padding, and nothing is before it.
    const nothing = 9;
    expect([...expected.subarray(nothing, nothing + 3)]).toEqual([0, 0, 0]);
    const seen = (all: Float32Array) => Float32Array.from([...all.subarray(0, nothing), ...all.subarray(nothing + 3)]);
    expect(largestDifference(seen(expected), seen(found))).toBeLessThan(TOLERANCE);
    expect(found.subarray(nothing, nothing + 3).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
  });

  test('of a mask that is finite already, only the guard goes', async () => {
    const after = await rewritten(finiteMasks, [scores, tokens], guarded(true, -1e9), given);
    expect(after).not.toContain('IsNaN');
  });

  test('a mask of padding alone is left to the fusion of attention', () => {
    expect(applied(finiteMasks, graphOf([scores, tokens], guarded(false))).fired).toBe(0);
  });
});

describe('merge-reshapes', () => {
  const given = { keys: random([2, 2, 3, 5, SIZE]) };
  const keys = input('keys', ['batch_size', 2, 3, 'sequence_length', SIZE]);
  const length = op.Shape(keys, { start: 3, end: 4 });

  test('keys that are transposed as [n, length, size] are transposed as heads, whatever axes are in front', async () => {
    const flat = op.Reshape(keys, op.Concat([integers([-1]), length, integers([SIZE])], { axis: 0 }));
    const batch = op.Shape(keys, { start: 0, end: 1 });
    const shape = op.Concat([batch, integers([6, SIZE]), length], { axis: 0 });
    const value = op.Reshape(op.Transpose(flat, { perm: [0, 2, 1] }), shape);
    const after = await rewritten(mergeReshapes, [keys], value, given);
    expect(after.slice(-2)).toEqual(['Reshape', 'Transpose']);
    expect(after.filter(operator => operator === 'Reshape')).toHaveLength(1);
  });
});

test('quotients: the inverse of a root is a divisor', async () => {
  const root = op.Sqrt(op.Add(op.ReduceMean(op.Pow(x, 2), { axes: [-1], keepdims: 1 }), 1e-5));
  const after = await rewritten(quotients, [x], op.Mul(x, op.Div(1, root)), { x: feeds.x! });
  expect(after.slice(-2)).toEqual(['Sqrt', 'Div']);
  expect(applied(quotients, graphOf([x], op.Mul(x, op.Div(2, root)))).fired).toBe(0);
});

test('packed-projections: split first, then into heads', async () => {
  const packed = op.Reshape(x, [0, 0, 3, 2, 2]);
  const parts = op.Split(packed, integers([1, 1, 1]), { axis: -3 });
  const after = await rewritten(packedProjections, [x], op.Squeeze(parts[1]!, [-3]), { x: feeds.x! });
  expect(after).toEqual(['Split', 'Reshape']);
});
