import type { BlockQuantizedWeight, QuantizedWeight, Tensor } from '../graph/tensor.js';

const identities = new WeakMap<object, number>();
let lastIdentity = 0;

function identityOf(object: object): number {
  let identity = identities.get(object);
  if (identity === undefined) identities.set(object, (identity = ++lastIdentity));
  return identity;
}

/** Longer constants are compared by identity: hashing them would cost more than a second copy. */
const LONGEST_BYTES = 1024;

/**
 * Equal for tensors that are certain to hold the same bytes under the same type: they are stored once.
 * Only for comparison within a process; it must not get into a file.
 */
export function tensorKey({ dtype, shape, data }: Tensor): string {
  const type = `${dtype}[${shape}]`;
  switch (data.from) {
    case 'bytes':
      return data.bytes.length <= LONGEST_BYTES
        ? `${type}=${Buffer.from(data.bytes.buffer, data.bytes.byteOffset, data.bytes.length).toString('latin1')}`
        : `${type}#${identityOf(data.bytes)}`;
    case 'file':
      return `${type}@${data.offset}+${data.byteLength} ${data.file}`;
    case 'transpose':
      return `${type}transpose(${data.perm})(${tensorKey(data.of)})`;
    case 'concat':
      return `${type}concat(${data.axis})(${data.of.map(tensorKey).join(';')})`;
    case 'reshape':
    case 'cast':
      return `${type}${data.from}(${tensorKey(data.of)})`;
    case 'scaled':
      return `${type}scaled(${identityOf(data.factors)})(${tensorKey(data.of)})`;
    case 'quantized':
      return `${type}${data.part}(${quantizedKey(data.of)})`;
    case 'blocks':
      return `${type}${data.part}(${blocksKey(data.of)})`;
    case 'columnBlocks':
      return `${type}${data.part}(${data.of.blockSize} by column ${tensorKey(data.of.weight)})`;
  }
}

const quantizedKey = ({ weight, axis, reduceRange }: QuantizedWeight): string =>
  `${axis} ${reduceRange} ${tensorKey(weight)}`;

const blocksKey = ({ weight, bits, blockSize, symmetric, iterations }: BlockQuantizedWeight): string =>
  `${bits} ${blockSize} ${symmetric} ${iterations} ${tensorKey(weight)}`;
