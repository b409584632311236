import type { Pass } from '../graph/pass.js';
import { finiteMasks } from './finite-masks.js';
import { foldArithmetic } from './fold-constants.js';
import { gemmProducts } from './gemm-products.js';
import { indexArithmetic } from './index-arithmetic.js';
import { mergeDuplicates } from './merge-duplicates.js';
import { mergeReshapes } from './merge-reshapes.js';
import { outerProducts } from './outer-products.js';
import { packedProjections } from './packed-projections.js';
import { quotients } from './quotients.js';
import { removeNoOps } from './remove-no-ops.js';
import { rotateHalves } from './rotate-halves.js';
import { sharedHeads } from './shared-heads.js';

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
  outerProducts,
  quotients,
  packedProjections,
  rotateHalves,
  sharedHeads,
  finiteMasks,
  mergeDuplicates,
];
