import type { Pass } from '../graph/pass.js';
import { foldConstants } from './fold-constants.js';
import { fuseAttention } from './fuse-attention.js';
import { fuseGelu } from './fuse-gelu.js';
import { fuseLayerNorm } from './fuse-layer-norm.js';
import { fuseRotary } from './fuse-rotary.js';
import { mergeDuplicates } from './merge-duplicates.js';
import { parserTypes } from './parser-types.js';
import { removeNoOps } from './remove-no-ops.js';
import { residualSum } from './residual-sum.js';
import { tiedProducts } from './tied-products.js';

/** What a graph may use: plain ONNX, for TensorRT and everything else, or what ONNX Runtime's CPU provider runs fastest. */
export const DIALECTS = ['portable', 'onnxruntime-cpu'] as const;
export type Dialect = (typeof DIALECTS)[number];

const CLEANED: readonly Pass[] = [removeNoOps, foldConstants, mergeDuplicates];

/**
 * The passes of each dialect, in order. A fusion is in a list only where it was measured to be faster:
 * docs/cpu-kernels.md. To add a pass: one file, one line here, one test.
 */
export const PIPELINES: Readonly<Record<Dialect, readonly Pass[]>> = {
  // Gelu stays written out: ONNX has the operator from opset 20 on.
  portable: [...CLEANED, fuseLayerNorm, parserTypes, mergeDuplicates],
  'onnxruntime-cpu': [
    ...CLEANED,
    tiedProducts,
    fuseLayerNorm,
    fuseGelu,
    fuseRotary,
    fuseAttention,
    residualSum,
    // Every fused attention has converted the mask for itself, and every rotation its angles.
    mergeDuplicates,
  ],
};
