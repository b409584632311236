import { scalarOf } from '../graph/constants.js';
import { ops } from '../graph/ops.js';
import { intOf, nodePass, type Pass, refused, replaced } from '../graph/pass.js';

/** Gemm of [rows, in] with its bias as MatMul and Add: the form of every other linear layer, which quantisation knows. */
export const gemmProducts: Pass = nodePass('gemm-products', () => node => {
  if (node.op !== 'Gemm' || node.domain !== '') return undefined;
  const [a, b, bias] = node.inputs;
  const factor = (name: string): number => {
    const found = node.attributes[name];
    return found?.kind === 'float' ? found.value : 1;
  };
  if (factor('alpha') !== 1 || (bias && factor('beta') !== 1)) return refused('its product or its bias is scaled');
  const op = ops(node.path);
  const rows = intOf(node, 'transA', 0) === 0 ? a! : op.Transpose(a!, { perm: [1, 0] });
  const columns = intOf(node, 'transB', 0) === 0 ? b! : op.Transpose(b!, { perm: [1, 0] });
  const product = op.MatMul(rows, columns);
  return replaced(bias && scalarOf(bias) !== 0 ? op.Add(product, bias) : product);
});
