import { operatorOf } from '../graph/operators/index.js';
import type { Message } from '../onnx/protobuf.js';
import { type Failure, usageFailure } from '../util/failure.js';

/** Operators that say that a model holds integers already. */
const QUANTIZED =
  /^(QuantizeLinear|DequantizeLinear|DynamicQuantizeLinear|MatMulInteger|ConvInteger|MatMulNBits|MatMulBnb4|GatherBlockQuantized|DynamicQuantize\w+|MatMulIntegerToFloat|Q[A-Z]\w+)$/;

const DOMAINS: ReadonlySet<string> = new Set(['', 'ai.onnx', 'com.microsoft']);

/**
 * Why a model cannot be a source, as far as the names of its operators say: 'onnx-domain-unknown', 'onnx-quantized',
 * 'onnx-operator-unknown'.
 */
export function operatorProblem({ graph }: Message<'ModelProto'>, where: string): Failure | undefined {
  const nodes = [...nodesOf(graph ?? {})];
  const foreign = nodes.find(({ domain = '' }) => !DOMAINS.has(domain));
  if (foreign) {
    return usageFailure('onnx-domain-unknown', 'the model has operators of a domain that is not known', {
      where,
      expected: 'operators of ai.onnx and com.microsoft',
      found: `${foreign.domain}.${foreign.op_type} '${foreign.name ?? ''}'`,
      fix: 'export the model without custom operators',
    });
  }
  const quantized = nodes.find(({ op_type: op = '' }) => QUANTIZED.test(op));
  if (quantized) {
    return usageFailure('onnx-quantized', 'the model is quantised already', {
      where,
      expected: 'a model in float32, of which every precision is made',
      found: `${quantized.op_type} '${quantized.name ?? ''}'`,
      fix: 'give the model from which it was quantised: on the Hub, onnx/model.onnx',
    });
  }
  const unknown = nodes.find(
    ({ op_type: op = '', domain = '' }) =>
      domain === 'com.microsoft' && operatorOf({ op, domain }) === undefined && !FUSED.has(op),
  );
  if (unknown) {
    return usageFailure('onnx-operator-unknown', 'the model has an operator that is not known', {
      where,
      expected: 'operators of ai.onnx, or those that ONNX Runtime fuses',
      found: `com.microsoft.${unknown.op_type} '${unknown.name ?? ''}'`,
      fix: 'give the model as it was exported, before an optimizer rewrote it',
    });
  }
  return undefined;
}

/** What ONNX Runtime's own optimizer leaves, and passes leave as it is. */
const FUSED: ReadonlySet<string> = new Set(['SkipLayerNormalization', 'SkipSimplifiedLayerNormalization', 'FusedGemm']);

function* nodesOf(graph: Message<'GraphProto'>): Iterable<Message<'NodeProto'>> {
  for (const node of graph.node ?? []) {
    yield node;
    for (const { g } of node.attribute ?? []) if (g) yield* nodesOf(g);
  }
}
