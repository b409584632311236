import { everyNodeOf, type Graph, type Node, type Value, valuesReadBy } from '../../graph/graph.js';
import { operatorOf } from '../../graph/operators/index.js';
import { portOf } from '../../graph/operators/operator.js';
import type { DType } from '../../graph/tensor.js';
import { formProblems } from './forms.js';
import { quantizationProblems } from './quantization.js';
import { NEWEST_OPSET, SUPPORT, type TensorRTClass } from './support.js';

/** Something that TensorRT's parser or builder would refuse. */
export type Refusal = {
  /** 'Clip at 'deberta.encoder/…'', or the name of an input. */
  readonly where: string;
  readonly problem: string;
};

/**
 * Everything in a graph that a TensorRT of this class would refuse: operators, dtypes and forms, without a GPU. Empty: the
 * parser's own tables allow all of it. `opset` is that of ai.onnx.
 */
export function lintForTensorRT(graph: Graph, version: TensorRTClass, opset: number): readonly Refusal[] {
  const refusals: Refusal[] = [];
  if (opset > NEWEST_OPSET[version]) {
    refusals.push({
      where: 'model',
      problem: `opset ${opset} is later than ${NEWEST_OPSET[version]}, the last that is known`,
    });
  }
  for (const { name, type } of graph.inputs) {
    if (INPUTS.has(type.dtype)) continue;
    refusals.push({ where: name, problem: `inputs are not ${type.dtype}` });
  }
  const read = valuesRead(graph);
  for (const node of everyNodeOf(graph)) {
    const problems = [
      ...nodeProblems(node, version),
      ...formProblems(node, version, read),
      ...quantizationProblems(node, version, opset),
    ];
    for (const problem of problems) refusals.push({ where: `${node.op} at '${node.path}'`, problem });
  }
  return refusals;
}

function valuesRead(graph: Graph): ReadonlySet<Value> {
  const read = new Set<Value>(graph.outputs.map(({ value }) => value));
  for (const node of everyNodeOf(graph)) for (const value of valuesReadBy(node)) read.add(value);
  return read;
}

const INPUTS: ReadonlySet<DType> = new Set([
  'float32',
  'float16',
  'bfloat16',
  'int64',
  'int32',
  'int8',
  'uint8',
  'bool',
]);

function* nodeProblems(node: Node, version: TensorRTClass): Iterable<string> {
  if (node.domain !== '') {
    yield `operators of ${node.domain} are not known`;
    return;
  }
  const dtypes = SUPPORT[version].get(node.op);
  if (dtypes === undefined) {
    yield 'the operator is not known';
    return;
  }
  const refused = new Set(dataTypesOf(node).filter(dtype => !dtypes.has(dtype)));
  for (const dtype of refused) yield `the operator is not known for ${dtype}`;
}

/** Inputs that say how, not what: of any dtype that the operator itself allows. */
const PARAMETERS: Readonly<Record<string, readonly number[]>> = {
  Gather: [1],
  GatherND: [1],
  GatherElements: [1],
  ScatterElements: [1],
  ScatterND: [1],
  Where: [0],
  OneHot: [0, 1],
  Trilu: [1],
  QuantizeLinear: [1, 2],
  DequantizeLinear: [1, 2],
  Pow: [1],
};

/** What an operator works on. Its integer parameters (shapes, axes) are those that the operator table marks. */
function dataTypesOf(node: Node): readonly DType[] {
  if (node.op === 'If') return node.outputs.map(({ type }) => type.dtype);
  if (node.op === 'ConstantOfShape') return [node.outputs[0]!.type.dtype];
  const ports = operatorOf(node)?.inputs.map(portOf) ?? [];
  const parameters = PARAMETERS[node.op] ?? [];
  const isParameter = (index: number) =>
    parameters.includes(index) || ports[index]?.number.startsWith('int64') === true;
  const given = node.inputs.flatMap((input, index) => (input && !isParameter(index) ? [input.type.dtype] : []));
  // What a Cast makes must be known, too.
  if (node.op === 'Cast') return [...given, ...node.outputs.map(({ type }) => type.dtype)];
  return given;
}
