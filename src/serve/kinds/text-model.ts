import { join } from 'node:path';
import type { WireTensor } from '../../kserve/datatypes.js';
import { loadTokenizerFile, type TextTokenizer } from '../../runtime/tokenizer.js';
import { type Failure, usageFailure } from '../../util/failure.js';
import { fail, ok, type Result } from '../../util/result.js';
import type { Answer, ExecuteContext, Kind, KindLoad, ModelRequest, ServeError } from '../model.js';
import { askNetwork, type NetworkSettings, type RowOutputs } from './network.js';
import type { TokenRow } from './padding.js';
import { refused } from './texts.js';

/** td.json of every model that asks a network about texts. */
export interface TextSettings extends NetworkSettings {
  /** Tokens of a row at most. */
  readonly max_length: number;
  readonly max_characters: number;
  readonly truncation_side: 'left' | 'right';
}

/** What one request asks: rows of tokens for the network, and what is made of its outputs, one JSON value for each row of the request. */
export interface Job {
  /** Of the texts, and so of the answers. */
  readonly shape: readonly number[];
  readonly rows: readonly TokenRow[];
  answer(outputs: readonly RowOutputs[]): readonly unknown[];
}

export interface TextKind<Settings extends TextSettings> {
  readonly pairs: boolean;
  /** Reads a request. Exceptions of the tokenizer are caught by `tokenized`. */
  read(request: ModelRequest, loaded: LoadedText<Settings>): Result<Job, ServeError>;
}

export interface LoadedText<Settings extends TextSettings> {
  readonly settings: Settings;
  readonly tokenizer: TextTokenizer;
  /** Whether requests bring their rows in a batch dimension of their own. */
  readonly batches: boolean;
}

/** The frame of a model that asks a network about texts, the twin of TextModel in src/triton/python/td_texts.py. */
export function textModel<Settings extends TextSettings>({ pairs, read }: TextKind<Settings>): Kind {
  return async load => {
    // The stage wrote them; a file that was edited badly shows in the outputs, as it does with model.py.
    const settings = load.settings as unknown as Settings;
    const tokenizer = await loadTextTokenizer(load, settings, pairs);
    if (!tokenizer.ok) return tokenizer;
    const output = load.config.output?.[0]?.name ?? '';
    const loaded = { settings, tokenizer: tokenizer.value, batches: (load.config.max_batch_size ?? 0) > 0 };
    return ok({
      execute: (requests, context) => executeAll(requests, context, output, settings, r => read(r, loaded)),
    });
  };
}

async function executeAll(
  requests: readonly ModelRequest[],
  context: ExecuteContext,
  output: string,
  settings: TextSettings,
  read: (request: ModelRequest) => Result<Job, ServeError>,
): Promise<readonly Answer[]> {
  const jobs = requests.map(read);
  const rows = jobs.flatMap(job => (job.ok ? job.value.rows : []));
  // A batch goes on for those who still wait.
  const signal = requests.length === 1 ? requests[0]!.signal : new AbortController().signal;
  const found = await askNetwork(settings, rows, context, signal);
  let next = 0;
  return jobs.map((job): Answer => {
    if (!job.ok) return job;
    const outputs: RowOutputs[] = [];
    const own = found.slice(next, next + job.value.rows.length);
    next += own.length;
    for (const row of own) {
      if (!row.ok) return row;
      outputs.push(row.value);
    }
    return ok({ outputs: [jsonTensor(output, job.value.shape, job.value.answer(outputs))] });
  });
}

const jsonTensor = (name: string, shape: readonly number[], values: readonly unknown[]): WireTensor => ({
  name,
  datatype: 'BYTES',
  shape,
  data: values.map(value => new TextEncoder().encode(JSON.stringify(value))),
});

/** tokenizer.json of the model's folder. Fails where special tokens alone are longer than a text may be. */
export async function loadTextTokenizer(
  { versionFolder }: KindLoad,
  settings: Pick<TextSettings, 'max_length' | 'truncation_side'>,
  pairs: boolean,
): Promise<Result<TextTokenizer, Failure>> {
  const loaded = await loadTokenizerFile(join(versionFolder, 'tokenizer.json'), {
    model_max_length: settings.max_length,
    truncation_side: settings.truncation_side,
  });
  if (!loaded.ok) return loaded;
  const { inputIds } = loaded.value.encode('', pairs ? '' : undefined, { maxLength: Number.POSITIVE_INFINITY });
  if (settings.max_length > inputIds.length) return loaded;
  return fail(
    usageFailure(
      'length-too-small',
      `max_length is ${settings.max_length}, but ${inputIds.length} special tokens are added to a text`,
      { where: join(versionFolder, 'td.json') },
    ),
  );
}

/** `encode` of each text; where it throws, a refusal that names the row, as model.py words it. */
export function tokenized<T, E>(
  texts: readonly T[],
  encode: (text: T, row: number) => E,
): Result<readonly E[], ServeError> {
  const encodings: E[] = [];
  for (const [row, text] of texts.entries()) {
    try {
      encodings.push(encode(text, row));
    } catch (error) {
      return refused(`row ${row}: the tokenizer refuses it: ${error instanceof Error ? error.message : error}`);
    }
  }
  return ok(encodings);
}

export const shapeOf = (request: ModelRequest, input: string): readonly number[] =>
  request.inputs.find(({ name }) => name === input)!.shape;
