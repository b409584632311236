import type { WireTensor } from '../kserve/datatypes.js';
import type { InferRequest, InferResponse } from '../kserve/messages.js';
import { fail, ok, type Result } from '../util/result.js';
import { classify } from './classification.js';
import type { ServeError } from './model.js';
import type { ServedVersion } from './served-version.js';

/** Runs a request as a client sent it, over whatever protocol, and gives the responses that go back. */
export async function* infer(
  model: ServedVersion,
  request: InferRequest,
  signal: AbortSignal,
): AsyncGenerator<Result<InferResponse, ServeError>> {
  const { name, version } = model.facts;
  const answers = model.answers({
    ...(request.id === undefined ? {} : { id: request.id }),
    parameters: request.parameters,
    inputs: request.inputs,
    outputs: request.outputs.map(output => output.name),
    signal,
  });
  for await (const answer of answers) {
    const outputs = answer.ok ? withClasses(answer.value.outputs, request, model) : answer;
    if (!outputs.ok) {
      yield outputs;
      continue;
    }
    yield ok({
      modelName: name,
      modelVersion: `${version}`,
      ...(request.id ? { id: request.id } : {}),
      parameters: (answer.ok && answer.value.parameters) || {},
      outputs: outputs.value,
    });
  }
}

function withClasses(
  outputs: readonly WireTensor[],
  request: InferRequest,
  { facts }: ServedVersion,
): Result<readonly WireTensor[], ServeError> {
  const shown: WireTensor[] = [];
  for (const output of outputs) {
    const count = request.outputs.find(({ name }) => name === output.name)?.classification ?? 0;
    if (count === 0) {
      shown.push(output);
      continue;
    }
    const isBatched = (facts.config.max_batch_size ?? 0) > 0;
    const classes = classify(output, count, facts.labels.get(output.name), isBatched);
    if (!classes.ok) return fail(classes.error);
    shown.push(classes.value);
  }
  return ok(shown);
}
