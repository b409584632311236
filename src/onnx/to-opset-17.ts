import { integers, scalar } from '../graph/constants.js';
import { type Graph, makeNode, type Node, type Value } from '../graph/graph.js';
import { knownIntegers } from '../graph/known-integers.js';
import { operatorOf } from '../graph/operators/index.js';
import { lenientOps, type Ops } from '../graph/ops.js';
import { intOf, intsOf, nodePass, refused, replaced, type Verdict } from '../graph/pass.js';
import type { Refusal } from '../graph/rewrite.js';
import { loweredAttention, loweredRmsNormalization } from './opset-23.js';

/** What nodes are written in after the conversion. */
export const TARGET_OPSET = 17;

/** One version of an operator that opset 17 writes otherwise: up to `until`, or from `since` on. */
interface Change {
  readonly until?: number;
  readonly since?: number;
  convert(node: Node, op: Ops): Verdict;
}

/**
 * The same graph in the operators of opset 17, exactly: what moved between attributes and inputs is moved back, and the few
 * operators that are newer are written out. Refusals name the nodes for which there is no such form; with any, the graph
 * is not to be used.
 */
export function toOpset17(
  graph: Graph,
  opset: number,
): { readonly graph: Graph; readonly refused: readonly Refusal[] } {
  if (opset === TARGET_OPSET) return { graph, refused: [] };
  let unknown = 0;
  const pass = nodePass('to-opset-17', () => node => {
    if (node.domain !== '') return undefined;
    const change = (CHANGES[node.op] ?? []).find(
      ({ until = 0, since = Number.POSITIVE_INFINITY }) => opset <= until || opset >= since,
    );
    if (change)
      return change.convert(
        node,
        lenientOps(node.path, axis => `${node.path}/${unknown++}.${axis}`),
      );
    if (operatorOf(node) || STABLE.has(node.op)) return undefined;
    return refused(`${node.op} is not among the operators whose opset ${opset} is known to mean what opset 17 means`);
  });
  return pass.run(graph);
}

/** Operators that are in no table of ours, and mean the same from opset 7 to 23 with the inputs that models give. */
const STABLE: ReadonlySet<string> = new Set(['Selu', 'Elu', 'Softsign', 'IsInf']);

/** The inputs behind the first; undefined where it is absent. */
const withInputs = (node: Node, inputs: readonly (Value | undefined)[], drop: readonly string[]): Verdict => {
  const attributes = Object.fromEntries(Object.entries(node.attributes).filter(([name]) => !drop.includes(name)));
  const types = node.outputs.map(output => output.type);
  return replaced(...makeNode({ ...node, inputs, attributes }, types).outputs);
};

/** An attribute that lists integers becomes the second input. */
const listToInput = (attribute: string) => (node: Node) => {
  const list = intsOf(node, attribute);
  return list === undefined ? undefined : withInputs(node, [node.inputs[0], integers(list)], [attribute]);
};

/** Axes that became an input become an attribute again. */
function axesToAttribute(node: Node): Verdict {
  const [data, axes] = node.inputs;
  const given = axes && knownIntegers(axes);
  if (axes && !given?.every(axis => typeof axis === 'number')) return refused('its axes are computed while it runs');
  const none = given === undefined || given.length === 0;
  if (none && intOf(node, 'noop_with_empty_axes', 0) !== 0) return replaced(data!);
  const { noop_with_empty_axes: _, ...attributes } = node.attributes;
  const types = node.outputs.map(output => output.type);
  const kept = none ? {} : { axes: { kind: 'ints', value: given as readonly number[] } as const };
  return replaced(...makeNode({ ...node, inputs: [data], attributes: { ...attributes, ...kept } }, types).outputs);
}

/** Up to opset 12 it normalised over all axes from this one on; over the last it always meant what it means now. */
function oldSoftmax(node: Node): Verdict {
  const rank = node.inputs[0]!.type.shape.length;
  const axis = intOf(node, 'axis', 1);
  if (axis !== -1 && axis !== rank - 1) return refused(`its axis ${axis} of ${rank} means several axes up to opset 12`);
  return replaced(
    ...makeNode({ ...node, attributes: { axis: { kind: 'int', value: -1 } } }, [node.outputs[0]!.type]).outputs,
  );
}

function oldClip(node: Node): Verdict {
  const bound = (name: string): Value | undefined => {
    const attribute = node.attributes[name];
    return attribute?.kind === 'float' ? scalar(node.inputs[0]!.type.dtype, attribute.value) : undefined;
  };
  return withInputs(node, [node.inputs[0], bound('min'), bound('max')], ['min', 'max']);
}

function oldSlice(node: Node): Verdict {
  const [starts, ends, axes] = ['starts', 'ends', 'axes'].map(name => intsOf(node, name));
  return withInputs(
    node,
    [node.inputs[0], starts && integers(starts), ends && integers(ends), axes && integers(axes)],
    ['starts', 'ends', 'axes'],
  );
}

/** In inference it hands on its input; nobody but training reads its mask. */
const dropout = (node: Node): Verdict => replaced(node.inputs[0]!, ...node.outputs.slice(1));

/** The sizes that `num_outputs` means: all parts but the last are rounded up. */
function newSplit(node: Node): Verdict {
  if (node.attributes.num_outputs === undefined) return undefined;
  const axis = intOf(node, 'axis', 0);
  const sizes = node.outputs.map(({ type: { shape } }) => shape.at(axis));
  if (!sizes.every(size => typeof size === 'number')) return refused('it splits a length that is not known into parts');
  return withInputs(node, [node.inputs[0], integers(sizes)], ['num_outputs']);
}

function gelu(node: Node, op: Ops): Verdict {
  const x = node.inputs[0]!;
  const approximate = node.attributes.approximate;
  if (approximate?.kind === 'string' && approximate.value === 'tanh') {
    const inner = op.Mul(op.Add(x, op.Mul(op.Pow(x, 3), 0.044715)), Math.sqrt(2 / Math.PI));
    return replaced(op.Mul(op.Mul(x, op.Add(op.Tanh(inner), 1)), 0.5));
  }
  return replaced(op.Mul(op.Mul(x, op.Add(op.Erf(op.Div(x, Math.SQRT2)), 1)), 0.5));
}

/** Attributes that opset 17 does not have and that mean nothing for its types. */
const without =
  (...names: readonly string[]) =>
  (node: Node): Verdict =>
    names.some(name => node.attributes[name] !== undefined) ? withInputs(node, node.inputs, names) : undefined;

const reduction: readonly Change[] = [{ since: 18, convert: axesToAttribute }];

const CHANGES: Readonly<Record<string, readonly Change[]>> = {
  Squeeze: [{ until: 12, convert: listToInput('axes') }],
  Unsqueeze: [{ until: 12, convert: listToInput('axes') }],
  ReduceSum: [{ until: 12, convert: listToInput('axes') }],
  Split: [
    { until: 12, convert: listToInput('split') },
    { since: 18, convert: newSplit },
  ],
  Softmax: [{ until: 12, convert: oldSoftmax }],
  LogSoftmax: [{ until: 12, convert: oldSoftmax }],
  Clip: [{ until: 10, convert: oldClip }],
  Slice: [{ until: 9, convert: oldSlice }],
  Dropout: [{ until: 23, convert: dropout }],
  Pad: [
    { until: 10, convert: () => refused('its attributes of opset 10 are not converted') },
    { since: 18, convert: node => (node.inputs[3] ? refused('it pads some axes only') : undefined) },
  ],
  TopK: [{ until: 9, convert: () => refused('its attributes of opset 9 are not converted') }],
  ReduceMean: reduction,
  ReduceMax: reduction,
  ReduceMin: reduction,
  ReduceL2: reduction,
  ReduceProd: reduction,
  ReduceSumSquare: reduction,
  Cast: [{ since: 19, convert: without('saturate', 'round_mode') }],
  Gelu: [{ since: 20, convert: gelu }],
  Attention: [{ since: 23, convert: loweredAttention }],
  RMSNormalization: [{ since: 23, convert: loweredRmsNormalization }],
};
