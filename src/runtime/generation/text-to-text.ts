import type { Failure } from '../../util/failure.js';
import { ok, type Result } from '../../util/result.js';
import type { Session, Tensors, TensorValue } from '../session.js';
import { cacheOf, emptyCache, lastLogits, selectRows } from './cache.js';
import type { Decoder, Step } from './decoder.js';

/** Both files of an encoder-decoder: encoder_model.onnx and decoder_model_merged.onnx. */
export interface TextToTextSessions {
  readonly encoder: Pick<Session, 'inputs' | 'run'>;
  readonly decoder: Pick<Session, 'inputs' | 'run'>;
}

/**
 * What the decoder is told of the encoder's input, one row for each that is written: encoder_hidden_states, and
 * encoder_attention_mask where the model takes one, which those of speech do not.
 * @param inputs those of the encoder, among others perhaps: of text, int64 input_ids and attention_mask [batch, sequence]
 */
export async function runEncoder(
  { encoder, decoder }: TextToTextSessions,
  inputs: Tensors,
): Promise<Result<Tensors, Failure>> {
  const run = await encoder.run(Object.fromEntries(encoder.inputs.map(({ name }) => [name, inputs[name]!])));
  if (!run.ok) return run;
  const masks = decoder.inputs.some(({ name }) => name === 'encoder_attention_mask');
  return ok({
    ...(masks ? { encoder_attention_mask: inputs.attention_mask! } : {}),
    encoder_hidden_states: run.value.last_hidden_state!,
  });
}

/**
 * One call of the decoder: tokens, int64 [batch, sequence], that follow those in `cache`; the first call has none. Gives logits [batch,
 * sequence, vocabulary] and the cache for the next call.
 */
export async function runDecoder(
  { decoder }: Pick<TextToTextSessions, 'decoder'>,
  tokens: TensorValue,
  { encoded, cache }: { readonly encoded: Tensors; readonly cache?: Tensors },
): Promise<Result<{ readonly logits: TensorValue; readonly cache: Tensors }, Failure>> {
  const run = await decoder.run({
    ...encoded,
    ...(cache ?? emptyCache(decoder.inputs, tokens.shape[0]!)),
    input_ids: tokens,
    use_cache_branch: { dtype: 'bool', shape: [1], data: Uint8Array.of(cache ? 1 : 0) },
  });
  return run.ok ? ok({ logits: run.value.logits!, cache: cacheOf(decoder.inputs, run.value) }) : run;
}

export interface TextToTextState {
  /** Of the tokens written, and of the encoder's, which stay as they are. */
  readonly cache: Tensors;
  /** As `runEncoder` gives it. */
  readonly encoded: Tensors;
}

/**
 * A decoder that writes what belongs to `inputs`, those of the encoder, which runs once. Its prompts are what the writing begins with, one
 * for each row of the inputs and equally long, as a rule decoder_start_token_id.
 */
export async function textToTextDecoder(
  sessions: TextToTextSessions,
  inputs: Tensors,
): Promise<Result<Decoder<TextToTextState>, Failure>> {
  const encoded = await runEncoder(sessions, inputs);
  if (!encoded.ok) return encoded;

  const read = async (
    rows: readonly (readonly number[])[],
    state: { readonly encoded: Tensors; readonly cache?: Tensors },
  ): Promise<Result<Step<TextToTextState>, Failure>> => {
    const data = BigInt64Array.from(rows.flat(), BigInt);
    const run = await runDecoder(sessions, { dtype: 'int64', shape: [rows.length, rows[0]!.length], data }, state);
    if (!run.ok) return run;
    const { logits, cache } = run.value;
    return ok({ state: { encoded: state.encoded, cache }, logits: lastLogits(logits) });
  };

  return ok({
    start(prompts) {
      if (prompts.some(prompt => prompt.length !== prompts[0]!.length)) {
        throw new Error('what texts begin with has no padding: all must be equally long');
      }
      return read(prompts, { encoded: encoded.value });
    },
    next: (state, tokens) =>
      read(
        tokens.map(token => [token]),
        state,
      ),
    select: ({ cache, encoded }, rows) => ({ cache: selectRows(cache, rows), encoded: selectRows(encoded, rows) }),
  });
}
