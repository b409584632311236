import type { Graph } from '../graph/graph.js';
import { readModel } from '../onnx/read.js';
import { TARGET_OPSET, toOpset17 } from '../onnx/to-opset-17.js';
import { withCacheBranch } from '../passes/split-branches.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { count } from '../util/format.js';
import { fail, ok, type Result } from '../util/result.js';
import { conformed } from './conform.js';
import type { Wanted } from './conventions.js';
import { interfaceOf, type ModelInterface } from './interface.js';
import { operatorProblem } from './operators.js';

/** A model that others made, in the form of those that this project exports. */
export interface ImportedModel {
  /** Opset 17; inputs, outputs and dimensions by the Hub's convention. Weights are spans of the model's own files. */
  readonly graph: Graph;
  readonly interface: ModelInterface;
  /** As the file says it. */
  readonly opset: number;
  readonly producer: string;
}

/**
 * Reads and checks an ONNX file; weights stay where they are. Failures: those of `readModel`, of `operatorProblem` and of
 * `interfaceOf`, and 'onnx-opset' for operators that opset 17 has no exact form of.
 */
export function importModel(path: string, wanted: Wanted): Result<ImportedModel, Failure> {
  const model = readModel(path, { weightsInPlace: true, check: proto => operatorProblem(proto, path) });
  if (!model.ok) return model;
  const opset = model.value.opsets['']!;
  const { graph, refused } = toOpset17(model.value.graph, opset);
  const [first, ...others] = refused;
  if (first) {
    return fail(
      usageFailure('onnx-opset', `the model cannot be brought from opset ${opset} to opset ${TARGET_OPSET}`, {
        where: `${path}, node '${first.path}'`,
        found: others.length === 0 ? first.reason : `${first.reason}; and ${count(others.length, 'other node')}`,
        fix: `export it with opset ${TARGET_OPSET}`,
      }),
    );
  }
  // One graph for all calls: whether its cache may be empty is tried before it is used.
  const single = wanted.task === 'text-generation' ? (withCacheBranch(graph) ?? graph) : graph;
  const found = interfaceOf(single, wanted, path);
  if (!found.ok) return found;
  return ok({
    graph: conformed(single, found.value),
    interface: found.value,
    opset,
    producer: model.value.producer,
  });
}
