import { decodedTokens } from '../benchmark/decoding.js';
import type { Shape } from '../benchmark/workload.js';
import type { StageContext } from '../build/task.js';
import { cacheInputs } from '../runtime/generation/cache.js';
import { readDescription } from '../tensorrt/description.js';
import { type ProfileSizes, profilesOf, type Sizes, sizesOfEncoded } from '../tensorrt/profiles.js';
import { type EngineRunner, type TimeSettings, timeEngine } from '../tensorrt/run-engine.js';
import type { Failure } from '../util/failure.js';
import { mapped, ok, type Result } from '../util/result.js';
import { type EngineFiles, engineRunner } from './engine-session.js';

/** Milliseconds on the GPU, one number for each query. */
export interface EngineLatency {
  /** For everything that is read before there is an answer: of a model that writes, before its first token. */
  readonly read: readonly number[];
  /** Of models that write: for a token after those that are there already, one in each row. */
  readonly written?: readonly number[];
}

/** Tokens that a decoder beside an encoder has written when half of a run is over, as models of ONNX Runtime are measured. */
const WRITTEN = Math.ceil(decodedTokens(1, undefined) / 2);

/** The engines of a folder, each placed once and timed at any shape. Failures: those of `profilesOf` and `timeEngine`. */
export function engineClock(
  context: StageContext,
  folder: string,
  files: EngineFiles,
  settings: TimeSettings,
): (shape: Shape) => Promise<Result<EngineLatency, Failure>> {
  const time = (runner: EngineRunner) => async (sizes: ProfileSizes) => {
    const asked = profilesOf(runner.facts.inputs, [sizes]);
    return asked.ok ? timeEngine(runner, asked.value[0]!.optimum, settings) : asked;
  };
  const runner = (file: string): EngineRunner => engineRunner(context, folder, file);
  if (files.whole !== undefined) {
    const engine = runner(files.whole);
    const ask = time(engine);
    const writes = cacheInputs(engine.facts.inputs).length > 0;
    return async ({ batch, sequence }) => {
      const read = await ask({ batch: always(batch), sequence: always(sequence), past: always(0) });
      if (!read.ok || !writes) return mapped(read, milliseconds => ({ read: milliseconds }));
      const written = await ask({ batch: always(batch), sequence: always(1), past: always(sequence) });
      return mapped(written, milliseconds => ({ read: read.value, written: milliseconds }));
    };
  }
  const [encoder, firstCall, withPast] = [files.encoder, files.firstCall, files.withPast].map(file =>
    time(runner(file)),
  );
  const dimensions = sizesOfEncoded(readDescription(folder).engines[files.encoder]!.outputs);
  return async ({ batch, sequence }) => {
    const sizes = { batch: always(batch), sequence: always(sequence), past: always(WRITTEN), dimensions };
    const encoded = await encoder!(sizes);
    if (!encoded.ok) return encoded;
    const begun = await firstCall!(sizes);
    if (!begun.ok) return begun;
    const written = await withPast!(sizes);
    if (!written.ok) return written;
    return ok({ read: inTurn(encoded.value, begun.value), written: written.value });
  };
}

const always = (size: number): Sizes => [size, size, size];

/** Times of two engines that run one after the other: each query of the one and the same of the other, as far as both go. */
const inTurn = (first: readonly number[], second: readonly number[]): readonly number[] =>
  first.slice(0, second.length).map((milliseconds, query) => milliseconds + second[query]!);
