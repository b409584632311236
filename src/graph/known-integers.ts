import { elementsOf } from './constants.js';
import { addDims, divideDims, floorDivideDim, multiplyDims, sameDim, subtractDims } from './dims.js';
import type { Node, Value } from './graph.js';
import { type Dim, elementCount } from './tensor.js';

/** Shapes have few elements; a table of positions is data, not a shape. */
const MOST_ELEMENTS = 64;

const known = new WeakMap<Value, readonly Dim[] | null>();

/**
 * The elements of an integer or bool value as far as they follow from shapes and constants: what flows from Shape through
 * Gather, Concat and arithmetic into Reshape, Expand, Range and Slice. undefined: only known when the graph runs.
 */
export function knownIntegers(value: Value): readonly Dim[] | undefined {
  const { dtype, shape } = value.type;
  if (dtype !== 'int64' && dtype !== 'int32' && dtype !== 'bool') return undefined;
  if (shape.some(dim => typeof dim === 'string') || elementCount(shape as number[]) > MOST_ELEMENTS) return undefined;
  if (value.kind === 'constant') {
    const elements = elementsOf(value);
    return elements && Array.from(elements);
  }
  if (value.kind === 'input') return undefined;
  const before = known.get(value);
  if (before !== undefined) return before ?? undefined;
  const computed = compute(value.node);
  // Element-wise arithmetic above looks at flat lists: what it says of [2, 1] and [1, 2] is not theirs.
  const found = computed?.length === elementCount(shape as number[]) ? computed : undefined;
  known.set(value, found ?? null);
  return found;
}

function compute(node: Node): readonly Dim[] | undefined {
  const [first, second, third] = node.inputs;
  const of = (value: Value | undefined) => (value ? knownIntegers(value) : undefined);
  const int = (name: string, fallback: number): number => {
    const attribute = node.attributes[name];
    return attribute?.kind === 'int' ? attribute.value : fallback;
  };
  if (first === undefined) return undefined;
  switch (node.op) {
    case 'Shape':
      return first.type.shape.slice(int('start', 0), node.attributes.end ? int('end', 0) : undefined);
    case 'Identity':
    case 'Cast':
    case 'Unsqueeze':
    case 'Squeeze':
    case 'Reshape':
      return of(first);
    case 'Expand': {
      const elements = of(first);
      return elements?.length === 1 ? filled(node, elements[0]!) : undefined;
    }
    case 'ConstantOfShape': {
      const attribute = node.attributes.value;
      if (attribute?.kind !== 'tensor') return filled(node, 0);
      const fill = elementsOf({ kind: 'constant', name: '', tensor: attribute.value, type: attribute.value });
      return fill && filled(node, fill[0]!);
    }
    case 'Gather': {
      const data = of(first);
      const indices = of(second);
      if (!data || !indices || first.type.shape.length !== 1) return undefined;
      return every(indices.map(index => (typeof index === 'number' ? data.at(index) : undefined)));
    }
    case 'Concat': {
      const parts = node.inputs.map(of);
      return node.outputs[0]!.type.shape.length === 1 ? every(parts)?.flat() : undefined;
    }
    case 'Slice':
      return slice(node);
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
    case 'Equal':
      return elementwise(of(first), of(second), ARITHMETIC[node.op]);
    case 'Not': {
      const flags = of(first);
      return flags && every(flags.map(flag => (typeof flag === 'number' ? Number(flag === 0) : undefined)));
    }
    case 'Where': {
      const chosen = of(first);
      const [yes, no] = [of(second), of(third)];
      if (!chosen || !yes || !no) return undefined;
      const pick = (from: readonly Dim[], i: number) => from[from.length === 1 ? 0 : i];
      return every(chosen.map((c, i) => (typeof c === 'number' ? pick(c === 0 ? no : yes, i) : undefined)));
    }
    default:
      return undefined;
  }
}

const ARITHMETIC: Readonly<Record<'Add' | 'Sub' | 'Mul' | 'Div' | 'Equal', (a: Dim, b: Dim) => Dim | undefined>> = {
  Add: addDims,
  Sub: subtractDims,
  Mul: multiplyDims,
  // Integer division truncates; dimensions are not negative.
  Div: (a, b) => (typeof b === 'number' ? (b > 0 ? floorDivideDim(a, b) : undefined) : divideDims(a, b)),
  // A name stands for a length, which is never the -1 that exporters compare with.
  Equal: (a, b) => (sameDim(a, b) ? 1 : typeof a === typeof b && typeof a === 'string' ? undefined : differs(a, b)),
};

function differs(a: Dim, b: Dim): 0 | undefined {
  const number = typeof a === 'number' ? a : b;
  return typeof a === typeof b || (typeof number === 'number' && number < 0) ? 0 : undefined;
}

function elementwise(
  a: readonly Dim[] | undefined,
  b: readonly Dim[] | undefined,
  combine: (a: Dim, b: Dim) => Dim | undefined,
): readonly Dim[] | undefined {
  if (!a || !b) return undefined;
  if (a.length !== b.length && a.length !== 1 && b.length !== 1) return undefined;
  const pick = (from: readonly Dim[], i: number) => from[from.length === 1 ? 0 : i]!;
  const length = a.length === 0 || b.length === 0 ? 0 : Math.max(a.length, b.length);
  return every(Array.from({ length }, (_, i) => combine(pick(a, i), pick(b, i))));
}

function slice(node: Node): readonly Dim[] | undefined {
  const [data, starts, ends, , steps] = node.inputs.map(input => (input ? knownIntegers(input) : undefined));
  const start = starts?.[0];
  const end = ends?.[0];
  const step = node.inputs[4] ? steps?.[0] : 1;
  if (!data || node.inputs[0]!.type.shape.length !== 1) return undefined;
  return typeof start === 'number' && typeof end === 'number' && step === 1 ? data.slice(start, end) : undefined;
}

function filled(node: Node, dim: Dim): readonly Dim[] | undefined {
  const { shape } = node.outputs[0]!.type;
  return shape.every(d => typeof d === 'number') ? new Array<Dim>(elementCount(shape)).fill(dim) : undefined;
}

function every<T>(items: readonly (T | undefined)[]): T[] | undefined {
  return items.every(item => item !== undefined) ? (items as T[]) : undefined;
}
