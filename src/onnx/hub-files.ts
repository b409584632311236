import { basename, dirname, join } from 'node:path';
import { type Failure, usageFailure } from '../util/failure.js';

/** The two files of an encoder-decoder by the Hub's convention. */
export const ENCODER_FILE = 'encoder_model.onnx';
export const DECODER_FILE = 'decoder_model_merged.onnx';

/** The decoder where its first call, and the calls with what that has left, are files of their own. */
export const FIRST_CALL_FILE = 'decoder_model.onnx';
export const WITH_PAST_FILE = 'decoder_with_past_model.onnx';

/** Tasks whose models have an encoder and a decoder, in a file each. */
export const ENCODER_DECODER_TASKS: readonly string[] = ['text2text-generation', 'automatic-speech-recognition'];

export const isEncoderDecoder = (task: string): boolean => ENCODER_DECODER_TASKS.includes(task);

/** Where a folder of the Hub keeps its ONNX model, the likelier first. A merged decoder without an encoder is a model by itself. */
export const ONNX_FILES: readonly string[] = ['model.onnx', ENCODER_FILE, DECODER_FILE].flatMap(name => [
  `onnx/${name}`,
  name,
]);

/** The decoder that belongs to a model file; undefined where the file is a model by itself. */
export const decoderBeside = (file: string): string | undefined =>
  basename(file) === ENCODER_FILE ? join(dirname(file), DECODER_FILE) : undefined;

/** @param beside files in the folder of the encoder. Optimum's older pair, a file for the first call and one for the others, is not read. */
export const decoderMissing = (encoder: string, beside: readonly string[]): Failure =>
  usageFailure('onnx-decoder-missing', 'the decoder that belongs to the encoder does not exist', {
    where: encoder,
    expected: decoderBeside(encoder)!,
    found:
      beside
        .filter(name => /^decoder.*\.onnx$/.test(name))
        .sort()
        .join(', ') || 'no decoder',
    fix: 'build it from the checkpoint: a folder with safetensors',
  });
