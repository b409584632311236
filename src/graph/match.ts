import { elementsOf, scalarOf } from './constants.js';
import { sameShape } from './dims.js';
import type { Node, Value } from './graph.js';
import { operatorOf } from './operators/index.js';
import { attributeOf } from './operators/operator.js';

/** Variable of a pattern -> the value it stands for. */
export type Bindings = ReadonlyMap<string, Value>;

const COMMUTATIVE = new Set(['Add', 'Mul']);

/**
 * The variables under which `pattern` equals `actual`, or undefined. Patterns are small: recursion is as deep as they are.
 * @param variables those of the pattern, by their values in it
 * @param bound what is known of them already
 */
export function matched(
  pattern: Value,
  actual: Value | undefined,
  variables: ReadonlyMap<Value, string>,
  bound: Bindings,
): Bindings | undefined {
  if (actual === undefined) return undefined;
  const variable = variables.get(pattern);
  if (variable !== undefined) {
    const before = bound.get(variable);
    if (before !== undefined) return same(before, actual) ? bound : undefined;
    return new Map(bound).set(variable, actual);
  }
  if (pattern.kind === 'constant') return sameContent(pattern, actual) ? bound : undefined;
  if (pattern.kind !== 'output' || actual.kind !== 'output' || actual.index !== pattern.index) return undefined;
  const [p, a] = [pattern.node, actual.node];
  if (a.op !== p.op || a.domain !== p.domain || !sameAttributes(p, a)) return undefined;
  // What the pattern leaves out at the end must be left out in the graph: a bias more is another operator.
  if (a.inputs.length > p.inputs.length && a.inputs.slice(p.inputs.length).some(input => input !== undefined))
    return undefined;
  const orders = COMMUTATIVE.has(p.op) ? [a.inputs, a.inputs.toReversed()] : [a.inputs];
  for (const inputs of orders) {
    let bindings: Bindings | undefined = bound;
    for (const [index, input] of p.inputs.entries()) {
      if (bindings === undefined) break;
      if (input === undefined) bindings = inputs[index] === undefined ? bindings : undefined;
      else bindings = matched(input, inputs[index], variables, bindings);
    }
    if (bindings) return bindings;
  }
  return undefined;
}

/** A variable used twice: the same value, or constants of the same tensor. */
const same = (a: Value, b: Value): boolean =>
  a === b || (a.kind === 'constant' && b.kind === 'constant' && (a.tensor === b.tensor || equalSmall(a, b)));

function equalSmall(a: Value, b: Value): boolean {
  if (a.type.dtype !== b.type.dtype || !sameShape(a.type.shape, b.type.shape)) return false;
  const [left, right] = [elementsOf(a), elementsOf(b)];
  return left !== undefined && right !== undefined && left.length <= 64 && left.every((x, i) => Object.is(x, right[i]));
}

/** Exporters write sqrt(2) as 1.4142135 or as 1.41421. */
const RELATIVE_TOLERANCE = 1e-4;

function sameContent(pattern: Value, actual: Value): boolean {
  const wanted = scalarOf(pattern);
  const isList = pattern.type.shape.length > 0;
  if (wanted !== undefined && !isList) {
    const found = scalarOf(actual);
    if (found === wanted) return true;
    return found !== undefined && Math.abs(found - wanted) <= RELATIVE_TOLERANCE * Math.abs(wanted);
  }
  const [expected, found] = [elementsOf(pattern), elementsOf(actual)];
  return expected !== undefined && found?.length === expected.length && expected.every((x, i) => x === found[i]);
}

/** Attributes that the pattern names must be equal; a default counts as given. */
function sameAttributes(pattern: Node, actual: Node): boolean {
  const operator = operatorOf(actual);
  return Object.entries(pattern.attributes).every(([name, attribute]) => {
    const found = attributeOf(actual, operator, name);
    if (attribute.kind === 'float')
      return typeof found === 'number' && Math.fround(found) === Math.fround(attribute.value);
    if (name === 'axis' || name === 'axes') return sameAxes(attribute.value, found, actual);
    return JSON.stringify(found) === JSON.stringify(attribute.value);
  });
}

/** -1 and the last axis are the same one. */
function sameAxes(wanted: unknown, found: unknown, { inputs }: Node): boolean {
  const rank = inputs[0]?.type.shape.length ?? 0;
  const normal = (axes: unknown): number[] => [axes].flat().map(axis => ((axis as number) + rank) % rank);
  return found !== undefined && JSON.stringify(normal(wanted)) === JSON.stringify(normal(found));
}
