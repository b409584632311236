import type { WireTensor } from '../../src/kserve/datatypes.js';
import type { ExecuteContext } from '../../src/serve/model.js';
import { serveError } from '../../src/serve/model.js';
import { fail, ok } from '../../src/util/result.js';

/** As python/networks.py: outputs are arithmetic of the tokens, and padding does not change them. */
export interface FakeNetwork {
  /** Output -> numbers for each token, or row. */
  readonly outputs: Readonly<Record<string, number>>;
  readonly per_token: boolean;
  /** A token at which the network fails. */
  readonly refuses: number | null;
}

export const networkContext = (networks: Readonly<Record<string, FakeNetwork>>): ExecuteContext => ({
  async call(name, { inputs }) {
    const { outputs, per_token: perToken, refuses } = networks[name]!;
    const [ids, mask] = ['input_ids', 'attention_mask'].map(input => inputs.find(tensor => tensor.name === input)!);
    const [rows, length] = ids!.shape as [number, number];
    const tokens = Array.from(ids!.data as ArrayLike<number | bigint>, Number);
    const shown = Array.from(mask!.data as ArrayLike<number | bigint>, Number);
    if (tokens.some(token => token === refuses)) return fail(serveError('UNAVAILABLE', 'the network is out of memory'));
    const tensors = Object.entries(outputs).map(([output, width], place): WireTensor => {
      const data = new Float32Array(rows * (perToken ? length : 1) * width).fill(Number.NaN);
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < width; column++) {
          let state = 0;
          for (let at = row * length; at < (row + 1) * length; at++) {
            if (shown[at] !== 1) continue;
            state = (state * 31 + tokens[at]! * 17 + (column + 100 * place) * 7919 + 13) % 1009;
            data[(perToken ? at : row) * width + column] = state / 100 - 5;
          }
        }
      }
      const shape = perToken ? (width === 1 ? [rows, length] : [rows, length, width]) : [rows, width];
      return { name: output, datatype: 'FP32', shape, data };
    });
    return ok({ outputs: tensors });
  },
});
