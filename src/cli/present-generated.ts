import type { TextGenerator } from '../runtime/generation/generated-texts.js';
import type { GenerationSettings } from '../runtime/generation/settings.js';
import type { Failure } from '../util/failure.js';
import { ok, type Result } from '../util/result.js';
import type { Arguments } from './arguments.js';
import type { CommandContext } from './command.js';

type Request = readonly [
  artefact: { readonly id: string; readonly folder: string },
  texts: readonly string[],
  given: Arguments,
  context: CommandContext,
];

/** Continues texts, each piece printed when it is there. */
export async function presentContinued(...request: Request): Promise<Result<void, Failure>> {
  const [{ folder }, , given] = request;
  const { openTextGenerator } = await import('../runtime/generation/text-generator.js');
  const generator = await openTextGenerator(folder);
  if (!generator.ok) return generator;
  const { max_new_tokens } = generator.value.settings;
  const asked = { max_new_tokens: max_new_tokens ?? NEW_TOKENS, ...settingsAsked(given) };
  return present(generator.value, asked, text => text, request);
}

/** Translations, summaries, answers: what the model writes of each text. */
export async function presentWritten(...request: Request): Promise<Result<void, Failure>> {
  const [{ folder }, , given] = request;
  const { openTextToTextGenerator } = await import('../runtime/generation/text-to-text-generator.js');
  const { DEFAULT_SETTINGS } = await import('../runtime/generation/settings.js');
  const generator = await openTextToTextGenerator(folder, {
    taskParams: given.text('task-params'),
    prefix: given.text('prefix'),
    sourceLanguage: given.text('source-language'),
    targetLanguage: given.text('target-language'),
  });
  if (!generator.ok) return generator;
  const { max_new_tokens, max_length } = generator.value.settings;
  const limited = max_new_tokens !== null || max_length !== DEFAULT_SETTINGS.max_length;
  const asked = { ...(limited ? {} : { max_new_tokens: NEW_TOKENS }), ...settingsAsked(given) };
  return present(generator.value, asked, () => '', request);
}

/** Of texts whose model does not say how long they may be. */
const NEW_TOKENS = 64;

async function present(
  generator: TextGenerator,
  asked: Readonly<Record<string, unknown>>,
  /** What is printed before that which is generated. */
  opening: (text: string) => string,
  [{ id }, texts, given, context]: Request,
): Promise<Result<void, Failure>> {
  const { overrideSettings } = await import('../runtime/generation/settings.js');
  try {
    const settings = overrideSettings(generator.settings, asked, 'the command line');
    if (!settings.ok) return settings;
    for (const text of texts) {
      const written = await presentOne(
        generator,
        settings.value,
        text,
        { id, opening, json: given.flag('json') },
        context,
      );
      if (!written.ok) return written;
    }
    return ok(undefined);
  } finally {
    await generator.release();
  }
}

async function presentOne(
  generator: TextGenerator,
  settings: GenerationSettings,
  text: string,
  how: { readonly id: string; readonly opening: (text: string) => string; readonly json: boolean },
  { print, signal }: CommandContext,
): Promise<Result<void, Failure>> {
  const { id, opening, json } = how;
  if (!json) print(`${id}  ${opening(text)}`);
  const generated = await generator.generate([text], settings, {
    signal,
    ...(json ? {} : { onText: (piece, { sequence }) => (sequence === 0 ? print(piece) : undefined) }),
  });
  if (!json) print('\n');
  if (!generated.ok) return generated;
  const [best] = generated.value[0]!;
  if (json) print(`${JSON.stringify({ artefact: id, text, generated: best })}\n`);
  return ok(undefined);
}

/** The options as fields of generation_config.json; what is wrong with their values is found where they are read. */
function settingsAsked(given: Arguments): Record<string, unknown> {
  // What is no number stays as it is, to be refused with its own text.
  const numberOf = (name: string): number | string | undefined => {
    const text = given.text(name);
    return text === undefined || Number.isNaN(Number(text)) ? text : Number(text);
  };
  const temperature = numberOf('temperature');
  const asked = {
    max_new_tokens: given.number('max-new-tokens'),
    num_beams: given.number('beams'),
    seed: given.number('seed'),
    top_p: numberOf('top-p'),
    ...(temperature === undefined ? {} : { do_sample: temperature !== 0 }),
    ...(temperature === 0 ? {} : { temperature }),
  };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
}
