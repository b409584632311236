import type { Dim } from './tensor.js';

/**
 * Arithmetic on symbolic dimensions. A dimension is a polynomial with integer coefficients over names:
 * 'past_sequence_length + sequence_length', '2 * batch_size', 'batch_size * sequence_length - 1'. What is not of that
 * form, such as 'min(512, sequence_length)', is one more name. Equal polynomials have equal canonical text.
 */
type Polynomial = ReadonlyMap<Monomial, number>;

/** Sorted factors joined by ' * '; '' is the constant term. */
type Monomial = string;

/** Cuts at `separators` outside parentheses; each part comes with the separator before it. */
function cut(text: string, separators: readonly string[]): { separator: string; part: string }[] {
  const parts: { separator: string; part: string }[] = [];
  let depth = 0;
  let start = 0;
  let before = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '(') depth++;
    else if (text[i] === ')') depth--;
    const separator = depth === 0 && text[i] === ' ' ? separators.find(s => text.startsWith(s, i)) : undefined;
    if (separator === undefined) continue;
    parts.push({ separator: before, part: text.slice(start, i) });
    before = separator;
    start = i + separator.length;
    i = start - 1;
  }
  parts.push({ separator: before, part: text.slice(start) });
  return parts;
}

function parse(dim: Dim): Polynomial {
  if (typeof dim === 'number') return new Map([['', dim]]);
  if (!dim.includes(' ')) return new Map([[dim, 1]]);
  const polynomial = new Map<Monomial, number>();
  for (const { separator, part } of cut(dim, [' + ', ' - '])) {
    let coefficient = separator === ' - ' ? -1 : 1;
    const names: string[] = [];
    for (const { part: factor } of cut(part, [' * '])) {
      if (/^-?\d+$/.test(factor)) coefficient *= Number(factor);
      else names.push(factor);
    }
    const monomial = names.sort().join(' * ');
    polynomial.set(monomial, (polynomial.get(monomial) ?? 0) + coefficient);
  }
  return polynomial;
}

/** Positive terms first, then in code-unit order with the constant last. */
function format(polynomial: Polynomial): Dim {
  const terms = [...polynomial].filter(([, coefficient]) => coefficient !== 0);
  if (terms.length === 0) return 0;
  if (terms.length === 1 && terms[0]![0] === '') return terms[0]![1];
  const last = '\uffff';
  terms.sort(([a, m], [b, n]) => Number(m < 0) - Number(n < 0) || ((a || last) < (b || last) ? -1 : 1));
  return terms
    .map(([monomial, coefficient], index) => {
      const size = index === 0 ? coefficient : Math.abs(coefficient);
      const term = monomial === '' ? `${size}` : size === 1 ? monomial : `${size} * ${monomial}`;
      return index === 0 ? term : `${coefficient < 0 ? ' - ' : ' + '}${term}`;
    })
    .join('');
}

export const canonicalDim = (dim: Dim): Dim =>
  typeof dim === 'number' || !dim.includes(' ') ? dim : format(parse(dim));

export const sameDim = (a: Dim, b: Dim): boolean => a === b || canonicalDim(a) === canonicalDim(b);

export const sameShape = (a: readonly Dim[], b: readonly Dim[]): boolean =>
  a.length === b.length && a.every((dim, axis) => sameDim(dim, b[axis]!));

export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a + b;
  const sum = new Map(parse(a));
  for (const [monomial, coefficient] of parse(b)) sum.set(monomial, (sum.get(monomial) ?? 0) + coefficient);
  return format(sum);
}

export const subtractDims = (a: Dim, b: Dim): Dim => addDims(a, multiplyDims(-1, b));

export function multiplyDims(a: Dim, b: Dim): Dim {
  if (typeof a === 'number' && typeof b === 'number') return a * b;
  const product = new Map<Monomial, number>();
  for (const [m, x] of parse(a)) {
    for (const [n, y] of parse(b)) {
      const monomial = [...m.split(' * '), ...n.split(' * ')]
        .filter(name => name !== '')
        .sort()
        .join(' * ');
      product.set(monomial, (product.get(monomial) ?? 0) + x * y);
    }
  }
  return format(product);
}

export const productOfDims = (dims: readonly Dim[]): Dim => dims.reduce<Dim>(multiplyDims, 1);

/** a / b where it is a polynomial again, else undefined. */
export function divideDims(a: Dim, b: Dim): Dim | undefined {
  if (sameDim(a, b)) return 1;
  if (b === 0) return undefined;
  if (typeof a === 'number' && typeof b === 'number') return a % b === 0 ? a / b : undefined;
  if (a === 0) return 0;
  const divisor = [...parse(b)][0]!;
  if (parse(b).size === 1) {
    const quotient = new Map<Monomial, number>();
    for (const term of parse(a)) {
      const part = divideTerm(term, divisor);
      if (part === undefined) return undefined;
      quotient.set(...part);
    }
    return format(quotient);
  }
  // b is a sum: the quotient can only be one term for what dimensions are made of.
  for (const term of parse(a)) {
    const part = divideTerm(term, divisor);
    const quotient = part && format(new Map([part]));
    if (quotient !== undefined && sameDim(multiplyDims(quotient, b), a)) return quotient;
  }
  return undefined;
}

function divideTerm([m, x]: [Monomial, number], [n, y]: [Monomial, number]): [Monomial, number] | undefined {
  if (x % y !== 0) return undefined;
  const left = m === '' ? [] : m.split(' * ');
  for (const name of n === '' ? [] : n.split(' * ')) {
    const at = left.indexOf(name);
    if (at < 0) return undefined;
    left.splice(at, 1);
  }
  return [left.join(' * '), x / y];
}

/** Quotient rounded down: Slice with steps, Range, convolutions. */
export function floorDivideDim(a: Dim, divisor: number): Dim {
  if (typeof a === 'number') return Math.floor(a / divisor);
  return divideDims(a, divisor) ?? `floor((${a}) / ${divisor})`;
}

/** The smaller of the two; a name of its own where that depends on the run. */
export function minimumOfDims(a: Dim, b: Dim): Dim {
  if (sameDim(a, b)) return a;
  if (typeof a === 'number' && typeof b === 'number') return Math.min(a, b);
  return `min(${[String(a), String(b)].sort().join(', ')})`;
}

/** Its value where its names have these; undefined where one of them has none. */
export function sizeOfDim(dim: Dim, sizes: Readonly<Record<string, number>>): number | undefined {
  let size = 0;
  for (const [monomial, coefficient] of parse(dim)) {
    let term = coefficient;
    for (const name of monomial === '' ? [] : monomial.split(' * ')) {
      const known = sizes[name];
      if (known === undefined) return undefined;
      term *= known;
    }
    size += term;
  }
  return size;
}

/** The one or the other, as a branch decides. */
export const eitherDim = (a: Dim, b: Dim): Dim => (sameDim(a, b) ? a : `either(${a}, ${b})`);

/** Whether inference could say no more than that: whoever made the model may know that both are the same. */
export const isEitherDim = (dim: Dim): boolean => typeof dim === 'string' && dim.startsWith('either(');
