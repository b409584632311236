import type { Failure } from '../../util/failure.js';
import { ok, type Result } from '../../util/result.js';
import type { TextTokenizer } from '../tokenizer.js';
import type { Decoder } from './decoder.js';
import { type Generated, type GenerationOptions, generate } from './generate.js';
import type { GenerationSettings } from './settings.js';
import { TextStream } from './text-stream.js';

export interface GeneratedText extends Generated {
  /** Without the prompt and without special tokens. */
  readonly text: string;
}

export interface TextOptions {
  readonly signal?: AbortSignal;
  /**
   * Told each piece as soon as its characters are whole; the pieces are the text, except that spaces before punctuation, which some
   * tokenizers remove from whole texts, are still there.
   */
  onText?(piece: string, text: { readonly prompt: number; readonly sequence: number }): void;
}

/** Texts in, texts out: a model that generates, opened. */
export interface TextGenerator {
  /** The model's own, from generation_config.json. */
  readonly settings: GenerationSettings;
  /** `num_return_sequences` texts for each prompt. */
  generate(
    prompts: readonly string[],
    settings: GenerationSettings,
    options?: TextOptions,
  ): Promise<Result<readonly (readonly GeneratedText[])[], Failure>>;
  release(): Promise<void>;
}

/** What a decoder writes after each of `prompts`, as text. `positions`: as `generate` takes them. */
export async function generatedTexts<State>(
  decoder: Decoder<State>,
  prompts: readonly (readonly number[])[],
  tokenizer: Pick<TextTokenizer, 'decode'>,
  settings: GenerationSettings,
  { positions, signal, onText }: TextOptions & Pick<GenerationOptions, 'positions'>,
): Promise<Result<readonly (readonly GeneratedText[])[], Failure>> {
  const streams = new Map<string, TextStream>();
  const streamOf = ({ prompt, sequence }: { readonly prompt: number; readonly sequence: number }): TextStream => {
    const key = `${prompt}/${sequence}`;
    const stream =
      streams.get(key) ?? new TextStream(ids => tokenizer.decode(ids, { skipSpecial: true, cleanUp: false }));
    streams.set(key, stream);
    return stream;
  };
  const generated = await generate(decoder, prompts, settings, {
    positions,
    ...(signal ? { signal } : {}),
    ...(onText ? { onToken: (token, text) => onText(streamOf(text).push(token), text) } : {}),
  });
  if (!generated.ok) return generated;
  for (const [prompt, texts] of generated.value.entries()) {
    for (const sequence of texts.keys()) onText?.(streamOf({ prompt, sequence }).end(), { prompt, sequence });
  }
  return ok(
    generated.value.map(texts =>
      texts.map(text => ({ ...text, text: tokenizer.decode(text.tokens, { skipSpecial: true }) })),
    ),
  );
}
