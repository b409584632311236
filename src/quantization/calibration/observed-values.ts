import { isConstant } from '../../graph/constants.js';
import { sameShape } from '../../graph/dims.js';
import {
  everyNodeOf,
  type Graph,
  type Input,
  type Node,
  type NodeOutput,
  nodesOf,
  type Value,
} from '../../graph/graph.js';
import { elementCount } from '../../graph/tensor.js';
import type { CalibrationScope } from './table.js';

/** A float tensor whose values are looked at while texts run through the graph. */
export interface ObservedValue<V extends Value = NodeOutput> {
  /** In the file of the export. */
  readonly name: string;
  readonly value: V;
  /** Integers may stand for it: its distribution is needed, not only its range. */
  readonly forIntegers: boolean;
  /** A product with a weight reads it: its channels matter. */
  readonly feedsWeight: boolean;
  /** Names of tensors that hold the same values in another order or shape. */
  readonly aliases: readonly string[];
}

/** The float tensors of a graph that a calibration looks at: those that a run is given, and those that nodes make, in that order. */
export interface Observed {
  readonly inputs: readonly ObservedValue<Input>[];
  readonly made: readonly ObservedValue[];
}

/** Operators that move all values of their first input and change none. */
const MOVES: ReadonlySet<string> = new Set(['Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Flatten', 'Identity']);

const PRODUCTS: ReadonlySet<string> = new Set(['MatMul', 'Gemm', 'Conv']);

/**
 * What a calibration looks at in an exported graph. What depends on weights alone is not in it, and no cache, which is what a call
 * before has made. The graph must have been read from a file, so that its values have names, and have no branches.
 */
export function observedValues(graph: Graph, scope: CalibrationScope): Observed {
  const nodes = nodesOf(graph);
  const fixed = fixedValues(nodes);
  const isActivation = (value: Value | undefined): value is NodeOutput | Input =>
    value?.type.dtype === 'float32' && !isConstant(value) && !fixed.has(value);
  const integers = new Set<Value>();
  const weighted = new Set<Value>();
  for (const node of nodes) {
    const read = integerInputs(node).filter(isActivation).map(sourceOf);
    for (const value of read) integers.add(value);
    if (PRODUCTS.has(node.op) && (isConstant(node.inputs[1]) || fixed.has(node.inputs[1]!))) {
      for (const value of read) weighted.add(value);
    }
  }
  const isWanted = (value: Value): boolean => isActivation(value) && (scope === 'all' || integers.has(value));
  const facts = (value: Value) => ({ forIntegers: integers.has(value), feedsWeight: weighted.has(value) });
  const values = nodes.flatMap(node => node.outputs);
  const namesOf = namesInFile(graph);
  const aliases = new Map<Value, string[]>();
  for (const value of values) {
    const source = sourceOf(value);
    const [name, ...others] = namesOf(value);
    const further = source === value ? others : [name, ...others];
    aliases.set(source, [...(aliases.get(source) ?? []), ...further.filter(alias => alias !== undefined)]);
  }
  const inputs = graph.inputs.filter(input => isWanted(input) && !CACHE.test(input.name));
  return {
    inputs: inputs.map(value => ({ name: value.name, value, ...facts(value), aliases: [] })),
    made: values.flatMap(value => {
      const [name] = namesOf(value);
      if (name === undefined || !isWanted(value) || sourceOf(value) !== value) return [];
      return [{ name, value, ...facts(value), aliases: aliases.get(value) ?? [] }];
    }),
  };
}

const CACHE = /^past_key_values\./;

/** A value that is an output has that name, and may have had another one in a branch; others have one or none. */
function namesInFile(graph: Graph): (value: NodeOutput) => readonly string[] {
  const outputs = new Map<Value, string>(graph.outputs.map(({ name, value }) => [value, name]));
  return value => {
    const names = [outputs.get(value), value.name].filter(name => name !== undefined);
    return [...new Set(names)];
  };
}

/** What some target turns into integers: what products read, what residual additions add up, and what attention weighs with. */
function integerInputs(node: Node): readonly (Value | undefined)[] {
  if (node.domain !== '') return [];
  if (PRODUCTS.has(node.op)) return node.inputs.slice(0, 2);
  const [a, b] = node.inputs;
  const isResidual =
    node.op === 'Add' && a?.kind === 'output' && b?.kind === 'output' && sameShape(a.type.shape, b.type.shape);
  return isResidual ? [a, b] : [];
}

/** Where the values come from that a chain of moves hands on. A graph's input is not observed: the chain ends behind it. */
function sourceOf(value: Value): Value {
  let source = value;
  while (source.kind === 'output' && source.node.domain === '' && MOVES.has(source.node.op)) {
    const moved = source.node.inputs[0]!;
    if (moved.kind !== 'output') break;
    source = moved;
  }
  return source;
}

/** What nodes compute of constants alone. */
function fixedValues(nodes: readonly Node[]): ReadonlySet<Value> {
  const fixed = new Set<Value>();
  for (const node of nodes) {
    const isFixed = node.inputs.every(input => input === undefined || isConstant(input) || fixed.has(input));
    if (isFixed) for (const output of node.outputs) fixed.add(output);
  }
  return fixed;
}

/** Whether some part of the graph runs only under a condition, so that its values cannot be looked at from outside. */
export const hasBranches = (graph: Graph): boolean =>
  [...everyNodeOf(graph)].some(node => Object.values(node.attributes).some(({ kind }) => kind === 'graph'));

/**
 * Groups, in order, whose values together take at most `mostBytes` for inputs of this many rows and tokens; a single value may be
 * larger. A session that gives one group computes only what that group needs.
 */
export function groupsOf(
  observed: readonly ObservedValue[],
  rows: number,
  tokens: number,
  mostBytes: number,
): readonly (readonly ObservedValue[])[] {
  const groups: ObservedValue[][] = [];
  let room = 0;
  for (const value of observed) {
    const bytes = 4 * elementCount(value.value.type.shape.map(dim => lengthOf(dim, rows, tokens)));
    if (groups.length === 0 || bytes > room) {
      groups.push([]);
      room = mostBytes;
    }
    groups.at(-1)!.push(value);
    room -= bytes;
  }
  return groups;
}

/** A dimension with a name is the batch, or counts tokens in some way. `rows` may be a fraction: what a batch has at most of its tokens. */
const lengthOf = (dim: number | string, rows: number, tokens: number): number =>
  typeof dim === 'number' ? dim : dim === 'batch_size' ? rows : tokens;
