import { integers } from '../graph/constants.js';
import { type Attribute, makeNode } from '../graph/graph.js';
import { intsOf, nodePass, type Pass, replaced } from '../graph/pass.js';

/** Axes are an input from opset 18 on. */
const REDUCTIONS: ReadonlySet<string> = new Set([
  'ReduceL1',
  'ReduceL2',
  'ReduceLogSum',
  'ReduceLogSumExp',
  'ReduceMax',
  'ReduceMean',
  'ReduceMin',
  'ReduceProd',
  'ReduceSumSquare',
]);

/** A graph of opset 17 in the words of opset 19, which has QuantizeLinear for float16 and float8. */
export const raiseOpset: Pass = nodePass('raise-opset', () => node => {
  if (node.domain !== '') return undefined;
  const changed = (inputs: typeof node.inputs, attributes: Readonly<Record<string, Attribute>>) =>
    replaced(
      ...makeNode(
        { ...node, inputs, attributes },
        node.outputs.map(({ type }) => type),
        node.outputs.map(({ name }) => name),
      ).outputs,
    );
  const axes = intsOf(node, 'axes');
  if (REDUCTIONS.has(node.op) && axes !== undefined) {
    const { axes: _, ...attributes } = node.attributes;
    return changed([node.inputs[0], integers(axes)], attributes);
  }
  if (node.op === 'Split' && node.inputs[1] === undefined && node.attributes.num_outputs === undefined) {
    return changed(node.inputs, { ...node.attributes, num_outputs: { kind: 'int', value: node.outputs.length } });
  }
  return undefined;
});
