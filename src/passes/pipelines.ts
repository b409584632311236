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

/** What a graph may use: plain ONNX, for TensorRT and everything else, what ONNX Runtime's CPU provider runs fastest, or what its
 * providers for GPUs all have kernels for. */
export const DIALECTS = ['portable', 'onnxruntime-cpu', 'onnxruntime-gpu'] as const;
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
  ], // Plain operators, which the session fuses as its provider can (SkipLayerNormalization, BiasGelu). WebGPU refuses attention with a
  // padding mask, and has no kernel for Sum, nor for the product that ties a decoder to its embeddings: docs/devices.md.
  'onnxruntime-gpu': [...CLEANED, fuseLayerNorm, mergeDuplicates],
};
