import type { Decoder } from '../runtime/generation/decoder.js';
import { indexOfLargest } from '../runtime/generation/logits.js';
import { sessionDecoder } from '../runtime/generation/session-decoder.js';
import { textToTextDecoder } from '../runtime/generation/text-to-text.js';
import type { OpenedModel } from '../runtime/open-model.js';
import type { Failure } from '../util/failure.js';
import { ok, type Result } from '../util/result.js';
import type { TimedRun } from './runner.js';
import type { Workload } from './workload.js';

/** Tokens that one run generates; more would take longer and tell the same. */
const TOKENS = 16;

/** Tokens of each row in one run: fewer where the prompts leave fewer positions. */
export const decodedTokens = (promptLength: number, positions: number | undefined): number =>
  Math.max(0, Math.min(TOKENS, (positions ?? Number.POSITIVE_INFINITY) - promptLength));

/**
 * Greedy decoding after the prompts of `workload`, which are read once, before anything is measured; so are the texts of an encoder. Every run
 * continues them anew, and gives milliseconds per token, with everything around the model that generation does.
 */
export async function decodingRun(
  { whole, parts }: OpenedModel,
  { prompts, feeds }: Workload,
  tokens: number,
  now: () => number,
): Promise<Result<TimedRun, Failure>> {
  if (parts) {
    const decoder = await textToTextDecoder(parts, feeds);
    return decoder.ok ? continuing(decoder.value, prompts, tokens, now) : decoder;
  }
  const decoder = sessionDecoder(whole, 'model.onnx');
  return decoder.ok ? continuing(decoder.value, prompts, tokens, now) : decoder;
}

async function continuing<State>(
  { start, next }: Decoder<State>,
  prompts: Workload['prompts'],
  tokens: number,
  now: () => number,
): Promise<Result<TimedRun, Failure>> {
  const read = await start(prompts);
  if (!read.ok) return read;
  return ok(async () => {
    let step = read.value;
    const begin = now();
    for (let token = 0; token < tokens; token++) {
      const following = await next(step.state, step.logits.map(indexOfLargest));
      if (!following.ok) return following;
      step = following.value;
    }
    return ok((now() - begin) / tokens);
  });
}
