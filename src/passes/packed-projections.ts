import { sameShape } from '../graph/dims.js';
import { knownIntegers } from '../graph/known-integers.js';
import { ops } from '../graph/ops.js';
import { intOf, nodePass, type Pass, producer, replaced } from '../graph/pass.js';

/**
 * Query, key and value of one product, split after they were brought into heads, [batch, sequence, parts, heads, size] ->
 * [batch, sequence, heads, size] each: split first, as everybody else does.
 */
export const packedProjections: Pass = nodePass('packed-projections', () => node => {
  const [part, axes] = node.inputs;
  if (node.op !== 'Squeeze' || node.domain !== '' || part?.kind !== 'output' || part.node.op !== 'Split')
    return undefined;
  const packed = part.node.inputs[0]!;
  const source = producer(packed, 'Reshape')?.inputs[0];
  const [batch, sequence, parts, heads, size] = packed.type.shape;
  const squeezed = axes && knownIntegers(axes)?.map(axis => (typeof axis === 'number' && axis < 0 ? axis + 5 : axis));
  const axis = intOf(part.node, 'axis', 0);
  if (source?.type.shape.length !== 3 || packed.type.shape.length !== 5 || squeezed?.join() !== '2') return undefined;
  if (typeof parts !== 'number' || typeof heads !== 'number' || typeof size !== 'number') return undefined;
  if ((axis < 0 ? axis + 5 : axis) !== 2 || part.node.outputs.length !== parts) return undefined;
  if (!sameShape(source.type.shape, [batch!, sequence!, parts * heads * size])) return undefined;
  const op = ops(node.path);
  const sizes = new Array<number>(parts).fill(heads * size);
  const split = op.Split(source, sizes, { axis: -1 });
  return replaced(op.Reshape(split[part.index]!, [0, 0, heads, size]));
});
