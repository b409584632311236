import type { WireTensor } from '../../kserve/datatypes.js';
import { batchOf } from '../../runtime/batch.js';
import { generatedTexts } from '../../runtime/generation/generated-texts.js';
import { joinedDecoder } from '../../runtime/generation/joined-decoder.js';
import { sessionDecoder } from '../../runtime/generation/session-decoder.js';
import { type GenerationSettings, newTokenLimits } from '../../runtime/generation/settings.js';
import { textToTextDecoder } from '../../runtime/generation/text-to-text.js';
import type { TextTokenizer } from '../../runtime/tokenizer.js';
import { fail, ok, type Result } from '../../util/result.js';
import {
  type Answer,
  type ExecuteContext,
  type Kind,
  type ModelRequest,
  type ServeError,
  serveError,
} from '../model.js';
import { type AskedNetwork, askedSession } from './asked-session.js';
import { Pieces } from './pieces.js';
import { readSamplingParameters, type Wishes } from './sampling-parameters.js';
import { StoppedText } from './stopped-text.js';
import { loadTextTokenizer, shapeOf } from './text-model.js';
import { readTexts, refused } from './texts.js';

/** td.json of a model that writes. */
interface Settings {
  readonly max_length: number;
  readonly max_characters: number;
  readonly truncation_side: 'left' | 'right';
  readonly pad_token_id: number;
  readonly generation: GenerationSettings;
  /** Tokens, prompt included, that the model has positions for. */
  readonly positions: number | null;
  /** Several responses to one request; one text each. */
  readonly decoupled: boolean;
  /** Whether the answer begins with what was asked. */
  readonly prepend_input: boolean;
  /** Put before each text. */
  readonly prefix: string;
  readonly decoder: AskedNetwork;
  /** The network of all calls but the first, where that is another one. */
  readonly decoder_with_past: AskedNetwork | null;
  readonly encoder: AskedNetwork | null;
  /** What an encoder-decoder begins to write with. */
  readonly start_token_id: number | null;
}

interface Writer {
  readonly settings: Settings;
  readonly tokenizer: TextTokenizer;
  readonly input: string;
  readonly output: string;
}

/** A text that is to be written. */
interface Prompt {
  readonly text: string;
  /** Of the text that is read. */
  readonly source: readonly number[];
  /** What the writing goes on from. */
  readonly start: readonly number[];
}

/** Texts that go on, or that are written of texts, token by token: the twin of src/triton/python/generate.py. */
export const generate: Kind = async load => {
  // The stage wrote them; a file that was edited badly shows in the outputs, as it does with model.py.
  const settings = load.settings as unknown as Settings;
  const tokenizer = await loadTextTokenizer(load, settings, false);
  if (!tokenizer.ok) return tokenizer;
  const [input, output] = [load.config.input?.[0]?.name ?? '', load.config.output?.[0]?.name ?? ''];
  const writer: Writer = { settings, tokenizer: tokenizer.value, input, output };
  return ok(
    settings.decoupled
      ? { stream: (request, context) => streamed(writer, request, context) }
      : {
          execute: (requests, context) => Promise.all(requests.map(request => whole(writer, request, context))),
        },
  );
};

/** TEXT -> a text for each row. */
async function whole(writer: Writer, request: ModelRequest, context: ExecuteContext): Promise<Answer> {
  const { settings, input, output } = writer;
  const texts = readTexts(request, input, settings.max_characters);
  if (!texts.ok) return texts;
  const wishes: Wishes = { settings: settings.generation, stops: [] };
  const prompts: Prompt[] = [];
  for (const text of texts.value) {
    const prompt = promptOf(writer, text, wishes.settings);
    if (!prompt.ok) return prompt;
    prompts.push(prompt.value);
  }
  const answers: string[] = [];
  for (const prompt of prompts) {
    let text = settings.prepend_input ? prompt.text : '';
    const written = await write(writer, prompt, wishes, context, request.signal, piece => {
      text += piece;
    });
    if (!written.ok) return written;
    answers.push(text);
  }
  return ok({ outputs: [textTensor(output, shapeOf(request, input), answers)] });
}

/** text_input -> one text, or its pieces where `stream` is true. */
async function* streamed(writer: Writer, request: ModelRequest, context: ExecuteContext): AsyncIterable<Answer> {
  const { settings, input, output } = writer;
  const texts = readTexts(request, input, settings.max_characters);
  if (!texts.ok) return yield texts;
  const [text] = texts.value;
  if (text === undefined || texts.value.length !== 1) return yield refused(`${input} must be one text`);
  const streams = flag(request, 'stream');
  const asked = request.inputs.some(({ name }) => name === 'sampling_parameters');
  const parameters = asked ? readTexts(request, 'sampling_parameters', settings.max_characters) : ok(['{}']);
  if (!parameters.ok) return yield parameters;
  const wishes = readSamplingParameters(parameters.value[0] ?? '', settings.generation);
  if (!wishes.ok) return yield wishes;
  const prompt = promptOf(writer, text, wishes.value.settings);
  if (!prompt.ok) return yield prompt;
  const answer = (piece: string): Answer => ok({ outputs: [textTensor(output, [1], [piece])] });
  const pieces = new Pieces<string>();
  const writing = write(writer, prompt.value, wishes.value, context, request.signal, piece => pieces.push(piece))
    .then(written => ({ written }))
    .finally(() => pieces.end());
  let whole = settings.prepend_input && !flag(request, 'exclude_input_in_output') ? text : '';
  for await (const piece of pieces) {
    if (streams) yield answer(piece);
    else whole += piece;
  }
  const { written } = await writing;
  if (!written.ok) yield written;
  else if (!streams) yield ok({ outputs: [textTensor(output, shapeOf(request, input), [whole])] });
}

const flag = (request: ModelRequest, name: string): boolean =>
  Number(request.inputs.find(input => input.name === name)?.data[0] ?? 0) !== 0;

function promptOf(
  { settings, tokenizer }: Writer,
  text: string,
  generation: GenerationSettings,
): Result<Prompt, ServeError> {
  const { encoder, positions, max_length: longest } = settings;
  let source: readonly number[];
  try {
    source = tokenizer.encode(settings.prefix + text, undefined, { maxLength: Number.POSITIVE_INFINITY }).inputIds;
  } catch (error) {
    return refused(`the tokenizer refuses the text: ${error instanceof Error ? error.message : error}`);
  }
  if (source.length === 0) return refused('the text has no tokens');
  const limit = encoder ? longest : positions;
  if (limit !== null && source.length > limit) {
    return refused(`the text has ${source.length} tokens, but the model reads ${limit} at most`);
  }
  const start = encoder ? [settings.start_token_id!] : source;
  if (newTokenLimits(generation, start.length, positions ?? undefined)[1] < 1) {
    return refused(`the text has ${start.length} tokens and leaves no room for new ones`);
  }
  return ok({ text, source, start });
}

/** Tells the text piece by piece; ends where it is over, stopped, or nobody waits any more. */
async function write(
  { settings, tokenizer }: Writer,
  { source, start }: Prompt,
  wishes: Wishes,
  context: ExecuteContext,
  signal: AbortSignal,
  give: (piece: string) => void,
): Promise<Result<void, ServeError>> {
  let refusal: ServeError | undefined;
  const ask = (network: AskedNetwork) =>
    askedSession(network, context, signal, error => {
      refusal = error;
    });
  const text = new StoppedText(wishes.stops);
  const stop = new AbortController();
  const tell = (piece: string): void => {
    const shown = text.push(piece);
    if (shown !== '') give(shown);
    if (text.stopped) stop.abort();
  };
  const options = {
    positions: settings.positions ?? undefined,
    signal: AbortSignal.any([signal, stop.signal]),
    onText: tell,
  };
  const first = ask(settings.decoder);
  const written = async () => {
    if (settings.encoder === null) {
      const plain = sessionDecoder({ ...first, ...NOT_TIMED }, settings.decoder.name);
      return plain.ok ? generatedTexts(plain.value, [start], tokenizer, wishes.settings, options) : plain;
    }
    const encoding = { inputIds: source, attentionMask: source.map(() => 1), tokenTypeIds: source.map(() => 0) };
    const inputs = batchOf([encoding], ['input_ids', 'attention_mask']);
    const later = settings.decoder_with_past;
    const decoder = later ? joinedDecoder(first, ask(later)) : first;
    const writing = await textToTextDecoder({ encoder: ask(settings.encoder), decoder }, inputs);
    return writing.ok ? generatedTexts(writing.value, [start], tokenizer, wishes.settings, options) : writing;
  };
  const result = await written();
  if (!result.ok && !text.stopped) {
    if (signal.aborted) return fail(serveError('CANCELLED', 'the request was cancelled'));
    return fail(refusal ?? serveError('INTERNAL', result.error.message));
  }
  const rest = text.end();
  if (rest !== '') give(rest);
  return ok(undefined);
}

/** What a session of one's own has besides; generation uses neither. */
const NOT_TIMED = {
  runTimed: () => Promise.reject(new Error('a model of the repository is not timed')),
  release: () => Promise.resolve(),
};

const textTensor = (name: string, shape: readonly number[], texts: readonly string[]): WireTensor => ({
  name,
  datatype: 'BYTES',
  shape,
  data: texts.map(text => new TextEncoder().encode(text)),
});
