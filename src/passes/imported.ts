import type { Pass } from '../graph/pass.js';
import { foldArithmetic } from './fold-constants.js';
import { gemmProducts } from './gemm-products.js';
import { indexArithmetic } from './index-arithmetic.js';
import { mergeDuplicates } from './merge-duplicates.js';
import { mergeReshapes } from './merge-reshapes.js';
import { removeNoOps } from './remove-no-ops.js';

/**
 * What brings a graph that PyTorch traced into the form that this project's own exporters write, so that one set of fusions
 * serves both. Plain ONNX, the same numbers; no weight is moved or rewritten.
 */
export const IMPORTED: readonly Pass[] = [
  removeNoOps,
  foldArithmetic,
  indexArithmetic,
  mergeReshapes,
  removeNoOps,
  gemmProducts,
  mergeDuplicates,
];
