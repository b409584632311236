import { integers, tensorOf } from '../graph/constants.js';
import {
  type Attribute,
  constant,
  everyNodeOf,
  type Graph,
  type Input,
  makeNode,
  type Node,
  nodesOf,
  type Output,
  type Value,
  valuesReadBy,
} from '../graph/graph.js';
import { knownIntegers } from '../graph/known-integers.js';
import { operatorOf } from '../graph/operators/index.js';
import { inferTypes } from '../graph/operators/inference.js';
import { intOf } from '../graph/pass.js';

/** The input that chooses the branch in a decoder of an encoder-decoder. */
const CHOICE = 'use_cache_branch';

/**
 * A decoder whose first call and further calls are branches of one graph, as a graph for each, by the Hub's file names.
 * Undefined for any other graph. TensorRT up to 10.6 demands equal shapes of both branches, and the cache of the first call
 * is empty; later versions would still plan memory for both. Inputs that a graph does not read any more are left out, and so
 * are outputs that only hand an input on: the keys and values of the encoder's tokens after the first call. TensorRT's parser would give
 * such an input another name.
 */
export function splitDecoder(graph: Graph): Readonly<Record<string, Graph>> | undefined {
  const choice = choiceOf(graph);
  if (choice === undefined) return undefined;
  return {
    'decoder_model.onnx': withInput(graph, choice, 0),
    'decoder_with_past_model.onnx': withoutKept(withInput(graph, choice, 1)),
  };
}

const withoutKept = ({ inputs, outputs }: Graph): Graph => ({
  inputs,
  outputs: outputs.filter(({ value }) => !isKept(value)),
});

/** An input, or one that passes through Identity, as a branch of a file must have it. */
const isKept = (value: Value): boolean =>
  value.kind === 'input' || (value.kind === 'output' && value.node.op === 'Identity' && isKept(value.node.inputs[0]!));

/**
 * The calls of such a decoder that have a cache, as one graph, which may be given an empty one where the file was made for
 * that. Undefined for any other graph.
 */
export function withCacheBranch(graph: Graph): Graph | undefined {
  const choice = choiceOf(graph);
  return choice && withInput(graph, choice, 1);
}

/**
 * The first call of such a decoder as one graph, its caches still inputs: every value has the name that it has in the file, those of the
 * branch included. Undefined for any other graph.
 */
export function firstCallBranch(graph: Graph): Graph | undefined {
  const choice = choiceOf(graph);
  return choice && withChoice(graph, choice, 0);
}

const choiceOf = (graph: Graph): Input | undefined =>
  graph.inputs.find(({ name, type }) => name === CHOICE && type.dtype === 'bool');

/** The graph of one kind of call: the choice is fixed, and in the first call nothing is in the decoder's cache. */
function withInput(graph: Graph, choice: Input, chosen: 0 | 1): Graph {
  const own = graph.inputs.filter(({ name }) => chosen === 0 && OWN_CACHE.test(name));
  return withChoice(graph, choice, chosen, new Map(own.map(input => [input, emptied(input)])));
}

function withChoice(graph: Graph, choice: Input, chosen: 0 | 1, others: ReadonlyMap<Value, Value> = new Map()): Graph {
  const fixed = constant(tensorOf('bool', choice.type.shape as number[], [chosen]));
  const given = new Map<Value, Value>([...others, [choice, fixed]]);
  const outputs = inlined(graph, given, value => (value === fixed ? chosen : undefined));
  const read = new Set<Value>(outputs.map(({ value }) => value));
  for (const node of everyNodeOf({ inputs: [], outputs })) for (const value of valuesReadBy(node)) read.add(value);
  return { inputs: graph.inputs.filter(input => read.has(input)), outputs };
}

/** Keys and values of the tokens that the decoder has written: [batch, heads, length, headSize]. */
const OWN_CACHE = /^past_key_values\.\d+\.decoder\./;

const emptied = (input: Input): Input => ({ ...input, type: { ...input.type, shape: input.type.shape.with(2, 0) } });

/** The outputs of a graph over other values for its inputs; a decided If is replaced by what its branch computes. */
function inlined(
  graph: Graph,
  given: ReadonlyMap<Value, Value>,
  decided: (condition: Value) => 0 | 1 | undefined,
): readonly Output[] {
  const current = new Map<Value, Value>(given);
  const now = (value: Value): Value => current.get(value) ?? value;
  for (const node of nodesOf(graph)) {
    const branch = node.op === 'If' ? branchOf(node, decided(now(node.inputs[0]!))) : undefined;
    const outputs = branch
      ? inlined(branch.value, new Map([...branch.captures].map(([inner, outer]) => [inner, now(outer)])), decided).map(
          ({ value }) => value,
        )
      : simplified(node, now);
    for (const [index, output] of node.outputs.entries()) current.set(output, outputs[index]!);
  }
  return graph.outputs.map(({ name, value }) => ({ name, value: now(value) }));
}

function branchOf(node: Node, chosen: 0 | 1 | undefined): (Attribute & { readonly kind: 'graph' }) | undefined {
  if (chosen === undefined) return undefined;
  const branch = node.attributes[chosen === 1 ? 'then_branch' : 'else_branch'];
  return branch?.kind === 'graph' ? branch : undefined;
}

/** The node over other values. A concatenation leaves out what is empty; of an empty cache, only the length is asked. */
function simplified(node: Node, now: (value: Value) => Value): readonly Value[] {
  const inputs = node.inputs.map(input => input && now(input));
  if (node.op === 'Concat') {
    const axis = intOf(node, 'axis', 0);
    const filled = inputs.filter(input => input?.type.shape.at(axis) !== 0);
    if (filled.length === 1) return [filled[0]!];
  }
  const made = rebuilt(node, inputs, now);
  const [output] = made.outputs;
  const known = node.op === 'Shape' && output ? knownIntegers(output) : undefined;
  if (known?.every(dim => typeof dim === 'number')) return [integers(known)];
  return made.outputs;
}

function rebuilt(node: Node, inputs: readonly (Value | undefined)[], now: (value: Value) => Value): Node {
  const attributes = Object.fromEntries(
    Object.entries(node.attributes).map(([name, attribute]): [string, Attribute] => [
      name,
      attribute.kind === 'graph'
        ? { ...attribute, captures: new Map([...attribute.captures].map(([inner, outer]) => [inner, now(outer)])) }
        : attribute,
    ]),
  );
  const made = { ...node, inputs, attributes };
  const operator = operatorOf(node);
  const before = node.outputs.map(({ type }) => type);
  const names = node.outputs.map(({ name }) => name);
  if (operator === undefined) return makeNode(made, before, names);
  let unknown = 0;
  // Lengths are others than before: they are inferred anew.
  const types = inferTypes({ ...made, outputCount: node.outputs.length }, operator, () => `${node.path}/${unknown++}`);
  return makeNode(
    made,
    before.map((type, index) => types[index] ?? type),
    names,
  );
}
