import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { firstCall } from '../runtime/generation/cache.js';
import { openModel } from '../runtime/open-model.js';
import type { Provider, Tensors } from '../runtime/session.js';
import { type Failure, taskFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';

/** Where the matrix products of a model ran, those with weights and those of attention. */
export interface Placement {
  readonly provider: Provider;
  readonly products: number;
  /** Of the products, those that a kernel of the provider computed. */
  readonly there: number;
  /** Of TensorRT: how many parts of the model it compiled. Each counts as a product, whatever it holds. */
  readonly compiled?: number;
  /** Operators of any kind that ran on the CPU, and how many of each: their operands travel. */
  readonly onCpu: Readonly<Record<string, number>>;
}

const PRODUCTS: ReadonlySet<string> = new Set([
  'MatMul',
  'FusedMatMul',
  'Gemm',
  'FusedGemm',
  'MatMulNBits',
  'Attention',
  'MultiHeadAttention',
  'Conv',
  'FusedConv',
]);

/** ONNX Runtime's names. What TensorRT takes is one node of its own, whatever it holds. */
const EXECUTION_PROVIDERS: Readonly<Record<Provider, readonly string[]>> = {
  cpu: ['CPUExecutionProvider'],
  cuda: ['CUDAExecutionProvider'],
  tensorrt: ['TensorrtExecutionProvider', 'CUDAExecutionProvider'],
  webgpu: ['WebGpuExecutionProvider'],
};

/** An entry of ONNX Runtime's trace; those of operators have the category 'Node' and say who ran them. */
interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

/**
 * Runs a model once with ONNX Runtime's own trace: an operator that the provider has no kernel for runs on the CPU, silently.
 * @param scratch an empty folder for the trace
 */
export async function placementOf(
  folder: string,
  feeds: Tensors,
  provider: Provider,
  scratch: string,
): Promise<Result<Placement, Failure>> {
  const model = await openModel(folder, { provider, spinning: false, profile: join(scratch, 'trace') });
  if (!model.ok) return model;
  const { whole } = model.value;
  const run = await whole.run(firstCall(whole.inputs, feeds));
  await whole.release();
  if (!run.ok) return run;
  const events = readdirSync(scratch)
    .filter(name => name.startsWith('trace'))
    .flatMap(name => JSON.parse(readFileSync(join(scratch, name), 'utf8')) as TraceEvent[]);
  return ok(placementIn(events, provider));
}

/** What a trace of one run says. */
export function placementIn(events: readonly TraceEvent[], provider: Provider): Placement {
  const own = EXECUTION_PROVIDERS[provider];
  const onCpu: Record<string, number> = {};
  let products = 0;
  let there = 0;
  let compiled = 0;
  for (const { cat, args } of events) {
    const op = args?.op_name;
    if (cat !== 'Node' || op === undefined || args?.provider === undefined) continue;
    const isThere = own.includes(args.provider);
    if (!isThere) onCpu[op] = (onCpu[op] ?? 0) + 1;
    const isCompiled = args.provider === 'TensorrtExecutionProvider';
    if (isCompiled) compiled++;
    if (!PRODUCTS.has(op) && !isCompiled) continue;
    products++;
    if (isThere) there++;
  }
  return { provider, products, there, ...(provider === 'tensorrt' ? { compiled } : {}), onCpu };
}

/**
 * Failures: 'not-on-device', a model for a GPU whose products run on the CPU is none; 'not-compiled', nor is one for TensorRT of which CUDA
 * runs everything.
 */
export function judgePlacement(artefact: string, placement: Placement): Result<Placement, Failure> {
  const { provider, products, there, compiled, onCpu } = placement;
  if (compiled === 0 && there > 0) {
    return fail(
      taskFailure('not-compiled', `${artefact} is for TensorRT, which took nothing of it`, {
        where: artefact,
        expected: 'at least one part of the model compiled by TensorRT',
        found: `${there} matrix products on CUDA`,
        fix: "see ONNX Runtime's log for what TensorRT refused, or remove provider: 'tensorrt'",
      }),
    );
  }
  if (products > 0 && there === products) return ok(placement);
  const found = Object.entries(onCpu).map(([op, count]) => `${count} ${op}`);
  return fail(
    taskFailure('not-on-device', `${artefact} is for ${provider} and computes on the CPU`, {
      where: artefact,
      expected: `every matrix product on ${provider}`,
      found: `${there} of ${products}; on the CPU: ${found.join(', ')}`,
      fix: 'use a precision that the provider has kernels for: docs/devices.md',
    }),
  );
}
