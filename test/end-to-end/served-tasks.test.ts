import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import grpc from '@grpc/grpc-js';
import { env, type PipelineType, pipeline } from '@huggingface/transformers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InferOptions, TritonClient } from '../../src/client/client.js';
import { toStrings } from '../../src/client/tensors.js';
import type { JsonObject, Outcome } from '../../src/client/transport.js';
import { loadTokenizer } from '../../src/runtime/tokenizer.js';
import type { Result } from '../../src/util/result.js';
import { readReference } from '../support/reference.js';
import { type Served, startServer } from '../support/served.js';
import { CONFIG, copyCheckpoint, EXAMPLE, runProgram, type Workspace, workspaces } from '../support/td.js';

/**
 * `td build`, `td serve`, and clients over both protocols, for every kind of answer. What is right was found by others: PyTorch's
 * vectors, transformers' texts, and the pipelines of @huggingface/transformers on the same network.
 */

const make = workspaces();
const GENERATORS = ['gpt2', 't5', 'bart'] as const;
const PROTOCOLS = ['http', 'grpc'] as const;
const example = (name: string, file: string): string => join(EXAMPLE, '..', name, file);

let workspace: Workspace;
let server: Served;

beforeAll(async () => {
  workspace = make.empty();
  for (const name of ['slots', 'embeddings']) {
    cpSync(example(`support-${name}`, 'model'), workspace.path(name), { recursive: true });
  }
  for (const name of [...GENERATORS, 'bert_qa']) copyCheckpoint(readReference(name).folder, workspace.path(name));
  workspace.write(CONFIG, {
    models: Object.fromEntries(
      ['slots', 'embeddings', ...GENERATORS, 'bert_qa'].map(name => [name, { source: `./${name}` }]),
    ),
    targets: { cpu: { engine: 'onnxruntime', device: 'cpu', precisions: ['fp32'] } },
    triton: { maxBatchSize: 8, dynamicBatching: true },
  });
  const { failures } = await workspace.build(['--skip', 'benchmark,report,validate']);
  expect(failures).toEqual([]);
  server = await startServer(workspace);
  env.allowRemoteModels = false;
  env.localModelPath = workspace.path('dist/models');
}, 60_000);

/** Whatever was asked of it, the server is well afterwards, and ends as it should. */
afterAll(async () => {
  const client = server.client('http');
  const index = await client.repositoryIndex();
  expect(index.ok && index.value.every(({ state }) => state === 'READY')).toBe(true);
  expect(await server.stop()).toBe(0);
});

const ofSuccess = <T>(outcome: Result<T, unknown>): T => {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.error));
  return outcome.value;
};

async function collected<T>(outcomes: AsyncIterable<Outcome<T>>): Promise<T[]> {
  const values: T[] = [];
  for await (const outcome of outcomes) values.push(ofSuccess(outcome));
  return values;
}

/** The only output, as JSON, of each row. */
async function answers<T>(client: TritonClient, model: string, options: InferOptions): Promise<T[]> {
  const { outputs } = ofSuccess(await client.infer(`${model}-cpu-fp32`, options));
  return toStrings(Object.values(outputs)[0]!).map(text => JSON.parse(text) as T);
}

/** One answer to each of 200 clients that come at once, each with a connection of its own. */
async function twoHundred<T>(protocol: 'http' | 'grpc', ask: (client: TritonClient, index: number) => Promise<T>) {
  const clients = Array.from({ length: 200 }, () => server.client(protocol));
  const found = await Promise.all(clients.map(ask));
  await Promise.all(clients.map(client => client.close()));
  return found;
}

const rowsOf = (texts: readonly string[]): string[][] => texts.map(text => [text]);
/** Pipelines that join tokens leave traces of that. */
const letters = (text: string): string => text.toLowerCase().replaceAll(/ |##/g, '');

/** The library types the answer of each task; here one form of each is read. */
const load = async <T>(task: PipelineType, model: string): Promise<T & { dispose(): Promise<void> }> =>
  (await pipeline(task, `${model}/cpu-fp32`)) as unknown as T & { dispose(): Promise<void> };

describe('vectors: examples/support-embeddings', () => {
  const { samples } = JSON.parse(readFileSync(example('support-embeddings', 'expected.json'), 'utf8')) as {
    samples: { text: string; embedding: number[] }[];
  };
  const vectors = async (client: TritonClient, texts: readonly string[]): Promise<number[][]> => {
    const { outputs } = ofSuccess(
      await client.infer('embeddings-cpu-fp32', { inputs: { TEXT: rowsOf(texts) }, binary: true }),
    );
    const { shape, data } = outputs.sentence_embedding!;
    expect(shape).toEqual([texts.length, 128]);
    return texts.map((_, row) => [...(data as Float32Array).subarray(128 * row, 128 * (row + 1))]);
  };
  const error = (found: readonly number[], expected: readonly number[]) =>
    Math.max(...expected.map((value, index) => Math.abs(value - found[index]!)));

  test.each(PROTOCOLS)('%s: those of PyTorch, one by one and in one batch', async protocol => {
    const client = server.client(protocol);
    const batch = await vectors(
      client,
      samples.slice(0, 8).map(({ text }) => text),
    );
    for (const [index, { text, embedding }] of samples.slice(0, 8).entries()) {
      expect(error((await vectors(client, [text]))[0]!, embedding), text).toBeLessThan(1e-5);
      expect(error(batch[index]!, embedding), text).toBeLessThan(1e-5);
    }
  });

  test.each(PROTOCOLS)('%s: 200 clients at once', async protocol => {
    const found = await twoHundred(protocol, (client, i) => vectors(client, [samples[i % samples.length]!.text]));
    const wrong = found.filter(([vector], i) => !(error(vector!, samples[i % samples.length]!.embedding) < 1e-5));
    expect(wrong).toEqual([]);
  });
});

describe('entities: examples/support-slots', () => {
  interface Entity {
    readonly entity_group: string;
    readonly score: number;
    readonly word: string;
    readonly start: number;
    readonly end: number;
  }
  const { samples } = JSON.parse(readFileSync(example('support-slots', 'expected.json'), 'utf8')) as {
    samples: { text: string }[];
  };
  const texts = [...samples.map(({ text }) => text), '😢 it is for zara kimura. please deliver to Manila'];
  type Recognise = (text: string, options: object) => Promise<Entity[]>;
  const expected = new Map<string, readonly Entity[]>();
  beforeAll(async () => {
    const recognise = await load<Recognise>('token-classification', 'slots');
    for (const text of texts) expected.set(text, await recognise(text, { aggregation_strategy: 'simple' }));
    await recognise.dispose();
  });
  const expectThose = (text: string, found: readonly Entity[]): void => {
    const named = ({ entity_group: group, word }: Entity) => `${group} ${letters(word)}`;
    expect(found.map(named), text).toEqual(expected.get(text)!.map(named));
    for (const [index, { score, word, start, end }] of found.entries()) {
      expect(score).toBeCloseTo(expected.get(text)![index]!.score, 5);
      expect([...text].slice(start, end).join('')).toBe(word);
    }
  };

  test.each(PROTOCOLS)('%s: those of the pipeline of @huggingface/transformers', async protocol => {
    const client = server.client(protocol);
    expect([...expected.values()].flat().length).toBeGreaterThan(texts.length / 2);
    const inputs = (some: readonly string[]) => ({ inputs: { TEXT: rowsOf(some) } });
    for (const text of texts) expectThose(text, (await answers<Entity[]>(client, 'slots', inputs([text])))[0]!);
    const batch = await answers<Entity[]>(client, 'slots', inputs(texts.slice(0, 8)));
    for (const [row, found] of batch.entries()) expectThose(texts[row]!, found);
  });

  test.each(PROTOCOLS)('%s: 200 clients at once', async protocol => {
    const found = await twoHundred(protocol, (client, i) =>
      answers<Entity[]>(client, 'slots', { inputs: { TEXT: [[texts[i % texts.length]!]] } }),
    );
    for (const [i, [entities]] of found.entries()) expectThose(texts[i % texts.length]!, entities!);
  });
});

describe('answers: bert_qa', () => {
  interface Found {
    readonly score: number;
    readonly start: number;
    readonly end: number;
    readonly answer: string;
  }
  const asked = [
    ['Where do I live?', 'My name is Wolfgang and I live in Berlin'],
    ['who', 'ann saw bob'],
    ['What was great?', 'The movie was great, the acting was bad'],
  ] as const;
  type Answer = (question: string, context: string, options: object) => Promise<Found | Found[]>;
  // The library knows neither a longest answer nor whole words; and it takes an unknown token for a special one: no text has any.
  const parameters = { max_answer_len: 1000, align_to_words: false };
  const options = (index: number, top: number): InferOptions => {
    const [question, context] = asked[index % asked.length]!;
    return { inputs: { QUESTION: [[question]], CONTEXT: [[context]] }, parameters: { ...parameters, top_k: top } };
  };
  let best: Found[];
  let firstThree: Found[][];
  beforeAll(async () => {
    const answer = await load<Answer>('question-answering', 'bert_qa');
    const of = (top_k: number) => Promise.all(asked.map(([question, context]) => answer(question, context, { top_k })));
    best = (await of(1)) as Found[];
    firstThree = (await of(3)) as Found[][];
    await answer.dispose();
  });
  const expectSame = (found: Found, expected: Found): void => {
    expect(letters(found.answer)).toBe(letters(expected.answer));
    expect(found.score).toBeCloseTo(expected.score, 6);
  };

  test.each(PROTOCOLS)('%s: those of the pipeline of @huggingface/transformers, best first', async protocol => {
    const client = server.client(protocol);
    for (const [index, [, context]] of asked.entries()) {
      const [one] = await answers<Found>(client, 'bert_qa', options(index, 1));
      expectSame(one!, best[index]!);
      expect(context.slice(one!.start, one!.end)).toBe(one!.answer);
      const [three] = await answers<Found[]>(client, 'bert_qa', options(index, 3));
      for (const [place, found] of three!.entries()) expectSame(found, firstThree[index]![place]!);
    }
  });

  test.each(PROTOCOLS)('%s: 200 clients at once', async protocol => {
    const found = await twoHundred(protocol, (client, i) => answers<Found>(client, 'bert_qa', options(i, 1)));
    for (const [i, [one]] of found.entries()) expectSame(one!, best[i % best.length]!);
  });
});

describe.each(GENERATORS)('texts: %s', name => {
  interface Run {
    readonly text: string;
    readonly sampling: object;
    /** What transformers shows of the tokens that PyTorch has chosen. */
    readonly written: string;
  }
  /** Greedy runs of PyTorch whose prompt is a text. */
  let runs: Run[];
  beforeAll(async () => {
    const { folder, generations } = readReference(name);
    const { encode, decode } = ofSuccess(await loadTokenizer(folder));
    runs = generations.flatMap(({ input_ids: prompts, settings, decoded_skip_special: [written] = [], note }) => {
      const { max_new_tokens, repetition_penalty } = settings;
      const text = decode(prompts[0]!, { skipSpecial: true });
      // The last token that is read may be one that no text has.
      if (
        `${encode(text).inputIds}` !== `${prompts[0]}` ||
        !/^greedy(, one text|.* with repetition_penalty)$/.test(note)
      ) {
        return [];
      }
      return [{ text, sampling: { max_new_tokens, repetition_penalty }, written: written! }];
    });
    expect(runs.length).toBeGreaterThan(0);
  });
  const model = `${name}-cpu-fp32`;
  const members = ({ text, sampling }: Run) => ({
    text_input: text,
    sampling_parameters: JSON.stringify(sampling),
    exclude_input_in_output: true,
  });
  const inputs = (run: Run, stream: boolean): InferOptions => ({
    inputs: Object.fromEntries(Object.entries({ ...members(run), stream }).map(([input, value]) => [input, [value]])),
  });
  const textOf = (outputs: readonly JsonObject[]): string => outputs.map(({ text_output: text }) => text).join('');
  const overHttp = async (client: TritonClient, run: Run) => {
    const pieces = await collected(client.generateStream(model, { ...members(run), stream: true }));
    return pieces.map(({ text_output: text }) => text as string);
  };
  const overGrpc = async (client: TritonClient, run: Run, stream: boolean) => {
    const pieces = await collected(client.streamInfer(model, inputs(run, stream)));
    return pieces.flatMap(({ outputs }) => toStrings(outputs.text_output!));
  };

  test('generate and generate_stream write what PyTorch writes', async () => {
    const client = server.client('http');
    for (const run of runs) {
      expect(textOf([ofSuccess(await client.generate(model, members(run)))])).toBe(run.written);
      const pieces = await overHttp(client, run);
      expect(pieces.join('')).toBe(run.written);
      expect(pieces.length).toBeGreaterThan(2);
    }
  });

  test('ModelStreamInfer writes what PyTorch writes, whole and in pieces', async () => {
    const client = server.client('grpc');
    for (const run of runs) {
      expect(await overGrpc(client, run, false)).toEqual([run.written]);
      const pieces = await overGrpc(client, run, true);
      expect(pieces.join('')).toBe(run.written);
      expect(pieces.length).toBeGreaterThan(2);
    }
  });

  test.each(PROTOCOLS)('%s: 200 clients at once', async protocol => {
    const found = await twoHundred(protocol, async (client, i) => {
      const run = runs[i % runs.length]!;
      return (await (protocol === 'http' ? overHttp(client, run) : overGrpc(client, run, true))).join('');
    });
    expect(found).toEqual(found.map((_, i) => runs[i % runs.length]!.written));
  });
});

test('any texts and wishes, well-formed or not, are answered, and never with a fault of the server', async () => {
  const word = fc.constantFrom(
    '',
    ' ',
    'Manila',
    '[MASK]',
    '</s>',
    '<0x0A>',
    '\u0000',
    '\ud800',
    'é',
    '😢',
    'a'.repeat(5000),
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(word, { maxLength: 6 }).map(words => words.join(' ')),
  );
  const value = fc.oneof(fc.integer(), fc.double(), fc.boolean(), text);
  const wishes = fc.dictionary(
    fc.constantFrom(
      'aggregation_strategy',
      'top_k',
      'max_answer_len',
      'handle_impossible_answer',
      'priority',
      'timeout',
    ),
    value,
  );
  const sampling = fc.dictionary(
    fc.constantFrom('max_new_tokens', 'temperature', 'top_p', 'top_k', 'min_p', 'seed', 'stop', 'do_sample'),
    fc.oneof(value, fc.integer({ min: 1, max: 5 }), fc.array(text, { maxLength: 2 })),
  );
  const tensor = (name: string, rows: readonly string[]) => ({
    name,
    datatype: 'BYTES',
    shape: [rows.length, 1],
    data: rows,
  });
  const infer = (model: string, ...names: string[]) =>
    fc
      .tuple(wishes, ...names.map(() => fc.array(text, { minLength: 1, maxLength: 3 })))
      .map(([parameters, ...texts]) => ({
        path: `${model}-cpu-fp32/infer`,
        body: { parameters, inputs: names.map((name, index) => tensor(name, texts[index]!)) },
      }));
  const generate = fc
    .tuple(fc.constantFrom(...GENERATORS), fc.constantFrom('generate', 'generate_stream'), text, sampling)
    .map(([name, verb, text_input, given]) => ({
      path: `${name}-cpu-fp32/${verb}`,
      body: { text_input, sampling_parameters: JSON.stringify({ max_new_tokens: 3, ...given }), stream: true },
    }));
  const request = fc.oneof(
    infer('slots', 'TEXT'),
    infer('embeddings', 'TEXT'),
    infer('bert_qa', 'QUESTION', 'CONTEXT'),
    generate,
  );
  await fc.assert(
    fc.asyncProperty(request, async ({ path, body }) => {
      const url = `http://127.0.0.1:${server.ports.http}/v2/models/${path}`;
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
      const answer = await response.text();
      // Several pieces where one is wanted are refused with 500, as the server does.
      if (response.status === 500) expect(answer).toContain('generate expects model to produce exactly 1 response');
      else expect([200, 400], answer).toContain(response.status);
      expect(answer).not.toContain('"error":"Failed to process');
    }),
    { numRuns: 200 },
  );
});

const CURL = ['/usr/bin/curl', '/usr/local/bin/curl'].find(path => existsSync(path));
describe.each(['slots', 'embeddings', 'bert_qa', ...GENERATORS])('the sample requests of %s', name => {
  const folder = () => workspace.path('dist/deploy/requests', `${name}-cpu-fp32`);
  const isWriter = GENERATORS.some(generator => generator === name);

  test.skipIf(CURL === undefined)(`curl.sh (${CURL ?? 'no curl: skipped'})`, async () => {
    const script = [join(folder(), 'curl.sh'), `http://127.0.0.1:${server.ports.http}`];
    const env = { ...workspace.environment(), TMPDIR: workspace.folder };
    const { code, stdout, stderr } = await runProgram('sh', script, { env });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`"model_name":"${name}-cpu-fp32","model_version":"1"`);
    const events = stdout.split('\n').filter(line => line.startsWith('data: '));
    if (isWriter) expect(events.length).toBeGreaterThan(1);
    // The other answer has bytes.
    else expect(readFileSync(join(workspace.folder, 'response.bin'), 'latin1')).toContain('"binary_data_size":');
  });

  test('grpc.json, as grpcurl sends it', async () => {
    const { load } = await import('@grpc/proto-loader');
    const definitions = await load(join(folder(), '../inference.proto'), { keepCase: true, defaults: true });
    const service = definitions['inference.GRPCInferenceService'] as grpc.ServiceDefinition;
    const Client = grpc.makeGenericClientConstructor(service, 'GRPCInferenceService');
    const client = new Client(`127.0.0.1:${server.ports.grpc}`, grpc.credentials.createInsecure());
    // proto-loader takes base64 for bytes, as protobuf's JSON does.
    const message = JSON.parse(readFileSync(join(folder(), 'grpc.json'), 'utf8')) as object;
    if (isWriter) {
      const call = client.ModelStreamInfer!() as unknown as grpc.ClientDuplexStream<object, { error_message: string }>;
      call.write(message);
      call.end();
      const errors: string[] = [];
      for await (const response of call) errors.push((response as { error_message: string }).error_message);
      expect(errors.length).toBeGreaterThan(1);
      expect(new Set(errors)).toEqual(new Set(['']));
    } else {
      const found = await new Promise((resolve, reject) => {
        client.ModelInfer!(message, (error: Error | null, reply: unknown) => (error ? reject(error) : resolve(reply)));
      });
      expect(found).toMatchObject({ model_name: `${name}-cpu-fp32`, model_version: '1' });
    }
    client.close();
  });
});
