import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { type Artefact, type NamedTensor, networkOf, type TokenInputs } from './repository.js';

/** What a tokenizer can give to a network. */
const TOKENIZER_OUTPUTS: readonly string[] = ['input_ids', 'attention_mask', 'token_type_ids', 'prompt_length'];

/** Inputs of all networks and their types, in the tokenizer's order. Fails ('triton-*') for what no tokenizer can give. */
export function tokenInputs(artefacts: readonly Artefact[]): Result<TokenInputs, Failure> {
  const found: Map<string, NamedTensor['dtype']> = new Map();
  for (const artefact of artefacts) {
    const { id } = artefact;
    for (const { name, dtype } of networkOf(artefact).inputs) {
      if (!TOKENIZER_OUTPUTS.includes(name)) {
        return fail(
          usageFailure('triton-input-unknown', `the network needs '${name}', which no tokenizer gives`, {
            where: id,
            expected: TOKENIZER_OUTPUTS.join(', '),
            found: name,
          }),
        );
      }
      const other = found.get(name) ?? dtype;
      if (other !== dtype || (dtype !== 'int64' && dtype !== 'int32')) {
        return fail(
          usageFailure('triton-input-type', `one tokenizer cannot serve '${name}' in this type`, {
            where: id,
            expected: other === dtype ? 'int64 or int32' : `${other}, as in the model's other artefacts`,
            found: dtype,
          }),
        );
      }
      found.set(name, dtype);
    }
  }
  return ok(new Map(TOKENIZER_OUTPUTS.flatMap(name => (found.has(name) ? [[name, found.get(name)!]] : []))));
}

/** Fails ('triton-output-missing', 'triton-labels') where a network lacks an output, or has another number of columns than labels. */
export function outputProblem(
  artefact: Artefact,
  what: string,
  names: readonly string[],
  labels: readonly string[] | undefined,
): Failure | undefined {
  const { id } = artefact;
  const { outputs } = networkOf(artefact);
  for (const name of names) {
    const output = outputs.find(other => other.name === name);
    if (output === undefined) {
      return usageFailure('triton-output-missing', `${what} must have the output ${name}`, {
        where: id,
        expected: name,
        found: outputs.map(other => other.name).join(', '),
      });
    }
    const columns = output.shape.at(-1);
    if (name !== 'logits' || labels === undefined || columns === labels.length) continue;
    return usageFailure('triton-labels', 'config.json does not name every column of logits', {
      where: `${id}: id2label`,
      expected: `${columns} labels`,
      found: `${labels.length}`,
    });
  }
  return undefined;
}
