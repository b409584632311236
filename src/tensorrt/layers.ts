import { type Failure, taskFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import type { EnginePrecision } from './options.js';

/** What an engine's layers compute in: how often each type occurs, over all of them and over products with weights. */
export interface LayerTypes {
  readonly layers: number;
  readonly products: number;
  /** Type -> layers that read, hold or write it; a layer may be counted for several. */
  readonly all: Readonly<Partial<Record<LayerType, number>>>;
  readonly ofProducts: Readonly<Partial<Record<LayerType, number>>>;
}

export type LayerType = 'fp32' | 'fp16' | 'bf16' | 'fp8' | 'int8' | 'int4';

/**
 * How releases spell a type: 'Half' and 'Row major linear FP16 format' before 11, which have it in "Format/Datatype", and 'FP16' in
 * "Datatype" from then on. 'N/A due to dynamic shapes' is what an engine says that has not run.
 */
const SPELLINGS: readonly (readonly [LayerType, RegExp])[] = [
  ['bf16', /\bBF16\b|\bBFloat16\b/i],
  ['fp16', /\bFP16\b|\bHalf\b|\bFloat16\b/i],
  ['fp8', /\bFP8\b|\bFloat8\b|E4M3/i],
  ['int8', /\bInt8\b/i],
  ['int4', /\bInt4\b/i],
  ['fp32', /\bFP32\b|\bFloat\b|\bFloat32\b/i],
];
const PRODUCT = /gemm|matmul|matrix|convolution|fully.?connected/i;

/**
 * Reads what `--exportLayerInfo` writes after a run with `--profilingVerbosity=detailed`. Failure: 'layers-unreadable', also for an
 * engine that was built without the details.
 */
export function parseLayers(text: string): Result<LayerTypes, Failure> {
  let layers: unknown;
  try {
    layers = (JSON.parse(text) as { Layers?: unknown } | null)?.Layers;
  } catch {
    layers = undefined;
  }
  if (!Array.isArray(layers) || layers.length === 0) return fail(unreadable('no list of layers'));
  const counts = { all: new Map<LayerType, number>(), ofProducts: new Map<LayerType, number>() };
  let products = 0;
  for (const layer of layers as unknown[]) {
    // Names alone: not detailed.
    if (typeof layer !== 'object' || layer === null)
      return fail(unreadable(`a layer without details: ${String(layer)}`));
    const isProduct = isProductLayer(layer as Layer);
    if (isProduct) products++;
    for (const type of typesOf(layer as Layer)) {
      counts.all.set(type, (counts.all.get(type) ?? 0) + 1);
      if (isProduct) counts.ofProducts.set(type, (counts.ofProducts.get(type) ?? 0) + 1);
    }
  }
  const { all, ofProducts } = counts;
  return ok({
    layers: layers.length,
    products,
    all: Object.fromEntries(all),
    ofProducts: Object.fromEntries(ofProducts),
  });
}

interface Layer {
  readonly Name?: string;
  readonly LayerType?: string;
  readonly ParameterType?: string;
  readonly TacticName?: string;
  readonly Weights?: { readonly Type?: string };
  readonly Inputs?: readonly Readonly<Record<string, unknown>>[];
  readonly Outputs?: readonly Readonly<Record<string, unknown>>[];
}

const isProductLayer = ({ Name, LayerType, ParameterType, TacticName }: Layer): boolean =>
  [LayerType, ParameterType, TacticName, Name].some(text => text !== undefined && PRODUCT.test(text));

function typesOf({ Weights, Inputs = [], Outputs = [] }: Layer): ReadonlySet<LayerType> {
  const texts = [...Inputs, ...Outputs].flatMap(tensor =>
    Object.entries(tensor).flatMap(([field, value]) => (/data ?type/i.test(field) ? [String(value)] : [])),
  );
  if (Weights?.Type) texts.push(Weights.Type);
  return new Set(texts.flatMap(text => SPELLINGS.find(([, spelling]) => spelling.test(text))?.[0] ?? []));
}

/** Of the products, the share that must compute in an engine's precision for it to be called so. */
const PRODUCT_SHARE = 0.5;

/**
 * Proves that an engine is what it is called: an 'fp16' engine that came out as fp32 passes every gate on accuracy. Failure:
 * 'precision-not-built' with what the layers compute in.
 */
export function provePrecision(types: LayerTypes, precision: EnginePrecision): Result<void, Failure> {
  if (precision === 'fp32') {
    const lower = (['fp16', 'bf16', 'fp8', 'int8', 'int4'] as const).filter(type => types.all[type]);
    return lower.length === 0 ? ok(undefined) : fail(notBuilt(types, precision, 'no layer of less than fp32'));
  }
  const [found, of] =
    types.products > 0 ? [types.ofProducts[precision] ?? 0, types.products] : [types.all[precision] ?? 0, types.layers];
  // Without a named product, everything was fused, and one layer that has the type is all that can be seen.
  const least = types.products > 0 ? PRODUCT_SHARE * of : 1;
  if (found >= least) return ok(undefined);
  return fail(notBuilt(types, precision, `${precision} in ${Math.ceil(least)} of ${of} layers at least`));
}

function notBuilt(types: LayerTypes, precision: EnginePrecision, expected: string): Failure {
  const counted = types.products > 0 && precision !== 'fp32' ? types.ofProducts : types.all;
  const found = Object.entries(counted).map(([type, layers]) => `${type} in ${layers}`);
  return taskFailure('precision-not-built', `the engine is called ${precision}, and its layers are not`, {
    expected,
    found: found.join(', ') || 'no layer that tells its type',
    fix: 'the network must say the precision itself: check the types in its ONNX',
  });
}

const unreadable = (found: string): Failure =>
  taskFailure('layers-unreadable', 'trtexec does not tell what the layers compute in', {
    expected: 'a list of layers with the types of their tensors',
    found,
    fix: 'the engine must be built with --profilingVerbosity=detailed; please report it',
  });
