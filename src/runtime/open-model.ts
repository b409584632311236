import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DECODER_FILE, ENCODER_FILE } from '../onnx/hub-files.js';
import type { Failure } from '../util/failure.js';
import { ok, type Result } from '../util/result.js';
import { runDecoder, runEncoder } from './generation/text-to-text.js';
import { openSession, type Session, type SessionSettings, type TensorDeclaration, type Tensors } from './session.js';

/** A model folder, opened: one file, or an encoder and a decoder that are run in turn. */
export interface OpenedModel {
  /**
   * The model as if it were one file. An encoder-decoder then takes the encoder's inputs and `decoder_input_ids`, and gives what the encoder
   * gives (last_hidden_state) and the `logits` of the decoder's first call.
   */
  readonly whole: Session;
  /** Both files of an encoder-decoder; `whole` is what releases them. */
  readonly parts?: EncoderDecoderSessions;
}

export interface EncoderDecoderSessions {
  readonly encoder: Session;
  readonly decoder: Session;
}

/** Of an encoder-decoder, an input of the whole: what the decoder reads, int64 [batch_size, decoder_sequence_length]. */
export const DECODER_INPUT = 'decoder_input_ids';

/** The model files that a folder should have, by what is there. */
export const modelFilesOf = (folder: string): readonly string[] =>
  existsSync(join(folder, ENCODER_FILE)) ? [ENCODER_FILE, DECODER_FILE] : ['model.onnx'];

/**
 * Opens model.onnx of a folder, or encoder_model.onnx and decoder_model_merged.onnx. `executedFolder` is where ONNX Runtime writes the graphs
 * that it really executes, under the names of the files.
 */
export async function openModel(
  folder: string,
  {
    executedFolder,
    ...settings
  }: Omit<SessionSettings, 'optimizedModelFile'> & { readonly executedFolder?: string } = {},
): Promise<Result<OpenedModel, Failure>> {
  const open = (file: string): Promise<Result<Session, Failure>> =>
    openSession(folder, file, {
      ...settings,
      ...(executedFolder === undefined ? {} : { optimizedModelFile: join(executedFolder, file) }),
    });
  const [first, second] = modelFilesOf(folder);
  const opened = await open(first!);
  if (!opened.ok) return opened;
  if (second === undefined) return ok({ whole: opened.value });
  const decoder = await open(second);
  if (!decoder.ok) {
    await opened.value.release();
    return decoder;
  }
  return ok(inTurn({ encoder: opened.value, decoder: decoder.value }));
}

/** Both files of an encoder-decoder as one model. */
export function inTurn(parts: EncoderDecoderSessions): OpenedModel {
  const { encoder, decoder } = parts;
  const tokens = decoder.inputs.find(({ name }) => name === 'input_ids')!;
  const logits = decoder.outputs.find(({ name }) => name === 'logits')!;
  const decoderInput: TensorDeclaration = { ...tokens, name: DECODER_INPUT };
  const run = async (feeds: Tensors): Promise<Result<Tensors, Failure>> => {
    const encoded = await runEncoder(parts, feeds);
    if (!encoded.ok) return encoded;
    const decoded = await runDecoder(parts, feeds[DECODER_INPUT]!, { encoded: encoded.value });
    if (!decoded.ok) return decoded;
    return ok({ last_hidden_state: encoded.value.encoder_hidden_states!, logits: decoded.value.logits });
  };
  const whole: Session = {
    inputs: [...encoder.inputs, decoderInput],
    outputs: [...encoder.outputs, logits],
    run,
    // What lies between the two runs, the handing over, belongs to the time.
    async runTimed(feeds, now) {
      const start = now();
      const outcome = await run(feeds);
      return outcome.ok ? ok(now() - start) : outcome;
    },
    async release() {
      await encoder.release();
      await decoder.release();
    },
  };
  return { whole, parts };
}
