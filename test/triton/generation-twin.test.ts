import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { WireTensor } from '../../src/kserve/datatypes.js';
import { KINDS } from '../../src/serve/kinds/index.js';
import type { Answer, KindModel } from '../../src/serve/model.js';
import type { TritonParams } from '../../src/stages/triton.js';
import { readModelConfig } from '../../src/triton/pbtxt-read.js';
import { type Fake, networkContext } from './networks.js';
import { H100, runTask, taskModel } from './tasks.js';

const PYTHON = process.env.TD_PYTHON ?? 'python3';
const HERE = fileURLToPath(new URL('python', import.meta.url));
const lacking = ['numpy', 'tokenizers'].filter(name => spawnSync(PYTHON, ['-c', `import ${name}`]).status !== 0);

interface Request {
  readonly texts: readonly string[];
  readonly parameters?: object | string;
  readonly stream?: boolean;
  readonly excludes?: boolean;
}
/** The texts of each response, or the error. */
type Said = readonly (readonly string[] | { readonly error: string; readonly code: string })[];

const NETWORKS: Readonly<Record<string, Readonly<Record<string, Fake>>>> = {
  'text-generation': { 'm-cpu-fp32-model': { vocabulary: 337 }, transformer_onnx_model: { vocabulary: 337 } },
  'text2text-generation': {
    'm-cpu-fp32-encoder': { hidden: 1 },
    'm-cpu-fp32-decoder': { vocabulary: 270 },
    transformer_onnx_encoder_model: { hidden: 1 },
    transformer_onnx_decoder_model: { vocabulary: 270 },
  },
};

/** What both say to each of the requests, which model.py gets in one call. */
async function asked(
  task: string,
  requests: readonly Request[],
  folder = 'm-cpu-fp32',
  changes: Partial<TritonParams> = {},
  networks = NETWORKS[task]!,
): Promise<{ readonly python: readonly Said[]; readonly twin: readonly Said[] }> {
  const { result, repository } = await runTask(taskModel(task), changes);
  expect(result).toEqual({ ok: true, value: undefined });
  const versionFolder = join(repository, folder, '1');
  const read = readModelConfig(readFileSync(join(versionFolder, '../config.pbtxt'), 'utf8'));
  if (!read.ok) throw new Error(read.error.message);
  const config = read.value;
  const settings = JSON.parse(readFileSync(join(versionFolder, 'td.json'), 'utf8')) as { kind: string };
  const loaded = await KINDS[settings.kind]!({ versionFolder, config, settings });
  if (!loaded.ok) throw new Error(loaded.error.message);
  const input = config.input![0]!.name!;
  const python = drive({
    model: versionFolder,
    config,
    networks,
    refused: [],
    calls: [requests.map(each => encoded(input, each))],
  });
  const twin = await Promise.all(requests.map(each => answersOf(loaded.value, input, each, networks)));
  return { python, twin };
}

const textOf = (parameters: object | string): string =>
  typeof parameters === 'string' ? parameters : JSON.stringify(parameters);

const encoded = (input: string, { texts, parameters, stream, excludes }: Request) => ({
  inputs: {
    [input]: texts.map(text => Buffer.from(text).toString('base64')),
    ...(parameters === undefined ? {} : { sampling_parameters: [Buffer.from(textOf(parameters)).toString('base64')] }),
    ...(stream === undefined ? {} : { stream: { type: 'bool', data: [stream] } }),
    ...(excludes === undefined ? {} : { exclude_input_in_output: { type: 'bool', data: [excludes] } }),
  },
  parameters: {},
});

function drive(spec: object): readonly Said[] {
  const { status, stdout, stderr } = spawnSync(PYTHON, [join(HERE, 'drive_model.py')], {
    input: JSON.stringify([spec]),
    env: { ...process.env, PYTHONPATH: HERE },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr);
  type Response = { error: string; code: string } | Record<string, { data: string[] }>;
  const [driven] = JSON.parse(stdout) as [{ responses: ({ stream: Response[] } | Response)[][]; initialize?: string }];
  if (driven.initialize !== undefined) throw new Error(driven.initialize);
  return driven.responses[0]!.map(answer => {
    const responses = 'stream' in answer ? (answer.stream as Response[]) : [answer as Response];
    return responses.map(response =>
      'error' in response
        ? (response as { error: string; code: string })
        : (Object.values(response)[0] as { data: string[] }).data.flat(),
    );
  });
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function answersOf(
  model: KindModel,
  input: string,
  request: Request,
  networks: Readonly<Record<string, Fake>>,
): Promise<Said> {
  const flag = (name: string, value: boolean | undefined): WireTensor[] =>
    value === undefined ? [] : [{ name, datatype: 'BOOL', shape: [1], data: Uint8Array.of(Number(value)) }];
  const inputs: WireTensor[] = [
    { name: input, datatype: 'BYTES', shape: [request.texts.length], data: request.texts.map(bytes) },
    ...(request.parameters === undefined
      ? []
      : [
          {
            name: 'sampling_parameters',
            datatype: 'BYTES',
            shape: [1],
            data: [bytes(textOf(request.parameters))],
          } as const,
        ]),
    ...flag('stream', request.stream),
    ...flag('exclude_input_in_output', request.excludes),
  ];
  const all = { parameters: {}, inputs, outputs: [], signal: new AbortController().signal };
  const said: Said[number][] = [];
  const hear = (answer: Answer): void => {
    if (!answer.ok) said.push({ error: answer.error.message, code: answer.error.status });
    else said.push((answer.value.outputs[0]!.data as Uint8Array[]).map(each => Buffer.from(each).toString('utf8')));
  };
  const context = networkContext(networks);
  if (model.stream) for await (const answer of model.stream(all, context)) hear(answer);
  else for (const answer of await model.execute!([all], context)) hear(answer);
  return said;
}

const SAMPLED = { max_tokens: 12, do_sample: true, seed: 7 };
const REQUESTS: readonly Request[] = [
  { texts: ['The river'] },
  { texts: ['The river'], parameters: { max_tokens: 30 }, excludes: true },
  { texts: ['a much longer text than the others'], parameters: { max_new_tokens: 5 }, stream: true },
  ...[
    {},
    { temperature: 0.7 },
    { temperature: 1.5, top_k: 5 },
    { top_p: 0.6, top_k: 0 },
    { min_p: 0.2 },
    { repetition_penalty: 1.3 },
    { no_repeat_ngram_size: 2 },
    { seed: 8 },
    { min_tokens: 12 },
  ].map(parameters => ({ texts: ['The river'], parameters: { ...SAMPLED, ...parameters }, stream: true })),
  { texts: ['The river'], parameters: { max_tokens: 25, repetition_penalty: 1.7 }, stream: true },
  { texts: ['x'], parameters: { temperature: 0, max_tokens: 4 } },
  { texts: ['The river'], parameters: { max_tokens: 20, stop: ['e', 'zz'] }, stream: true },
  { texts: ['The river'], parameters: { max_tokens: 20, stop: ['s a', ' '] } },
  { texts: [''] },
  { texts: ['a', 'b'] },
  { texts: ['a'], parameters: '[1]' },
  { texts: ['a'], parameters: 'no json' },
  { texts: ['a'], parameters: { max_token: 3 } },
  { texts: ['a'], parameters: { max_tokens: 0 } },
  { texts: ['a'], parameters: { top_p: 1.1 } },
  { texts: ['a'], parameters: { stop: [''] } },
  { texts: ['word '.repeat(300)] },
];

describe.skipIf(lacking.length > 0)(
  `${PYTHON}${lacking.length > 0 ? ` has no ${lacking.join(', ')}: skipped` : ''}`,
  () => {
    test.each(['text-generation', 'text2text-generation'])('%s: pieces, texts and errors', async task => {
      const { python, twin } = await asked(task, REQUESTS);
      for (const [index, request] of REQUESTS.entries()) {
        expect(twin[index], JSON.stringify(request)).toEqual(python[index]);
      }
      const errorOf = (index: number) => (python.at(index)![0] as { error: string }).error;
      expect(errorOf(-5)).toBe(
        "there is no sampling parameter 'max_token'; there are max_new_tokens, min_new_tokens, do_sample, temperature, top_k, top_p, min_p, repetition_penalty, no_repeat_ngram_size, seed, num_beams, stop",
      );
      expect([errorOf(-4), errorOf(-3), errorOf(-8)]).toEqual([
        'max_tokens must be an integer, 1 or more',
        'top_p must be a number from 0 to 1',
        'text_input must be one text',
      ]);
      // Streams are longer than one piece, and different seeds write different texts.
      expect(python[11]!.length).toBeGreaterThan(5);
      expect(python[3]).not.toEqual(python[10]);
      const [first] = python[0]![0] as string[];
      expect(first!.startsWith('The river')).toBe(task === 'text-generation');
      const [stopped] = python[15]![0] as string[];
      expect(stopped!.slice(task === 'text-generation' ? 'The river'.length : 0)).not.toContain(' ');
    });

    test('beams are refused, not left out', async () => {
      const beams = (count: number): Request => ({ texts: ['a'], parameters: { num_beams: count, max_tokens: 2 } });
      const { python, twin } = await asked('text2text-generation', [beams(4), beams(1)]);
      expect(python[0]).toEqual([{ error: 'num_beams must be 1: beams are not searched here', code: 'INVALID_ARG' }]);
      expect(twin).toEqual(python);
      expect(python[1]![0]).toHaveLength(1);
    });

    test.each([
      ['text-generation', 'transformer_onnx_generate'],
      ['text2text-generation', 't5_model_generate'],
    ])('%s with the names of els-rd: a text for each row', async (task, folder) => {
      const requests = [{ texts: ['The river', 'a'] }, { texts: ['x'] }, { texts: ['ok', ''] }];
      const changes: Partial<TritonParams> = { model: 'transformer', compat: 'els-rd', maxBatchSize: 0 };
      const { python, twin } = await asked(task, requests, folder, changes);
      expect(twin).toEqual(python);
      expect((python[0]![0] as string[]).length).toBe(2);
    });

    test('an encoder and both kinds of a decoder as engines write what one decoder writes', async () => {
      const engines = { artefacts: [H100] };
      const networks: Record<string, Fake> = {
        'm-h100-fp16-encoder': { hidden: 1 },
        'm-h100-fp16-decoder': { call: 'first', vocabulary: 270 },
        'm-h100-fp16-decoder-with-past': { call: 'later', vocabulary: 270 },
      };
      const requests = REQUESTS.filter(({ texts }) => texts.length === 1);
      const found = await asked('text2text-generation', requests, 'm-h100-fp16', engines, networks);
      expect(found.twin).toEqual(found.python);
      expect(found.python).toEqual((await asked('text2text-generation', requests)).python);
    });

    test('the same with the names of els-rd', async () => {
      const changes = { model: 'transformer', compat: 'els-rd', maxBatchSize: 0 } as const;
      const networks: Record<string, Fake> = {
        transformer_tensorrt_encoder_model: { hidden: 1 },
        transformer_tensorrt_decoder_model: { call: 'first', vocabulary: 270 },
        transformer_tensorrt_decoder_with_past_model: { call: 'later', vocabulary: 270 },
      };
      const ask = (more: object, all?: typeof networks) =>
        asked(
          'text2text-generation',
          [{ texts: ['The river', 'a'] }],
          't5_model_generate',
          { ...changes, ...more },
          all,
        );
      const found = await ask({ artefacts: [H100] }, networks);
      expect(found.twin).toEqual(found.python);
      expect(found.python).toEqual((await ask({})).python);
    });

    test('no text grows longer than the cache of its engine', async () => {
      const networks: Record<string, Fake> = { 'm-h100-fp16-model': { vocabulary: 337 } };
      const request = { texts: ['a'], parameters: { max_tokens: 60, min_tokens: 60 }, stream: true };
      const [engine, network] = [
        await asked('text-generation', [request], 'm-h100-fp16', { artefacts: [H100] }, networks),
        await asked('text-generation', [request]),
      ];
      expect(engine.twin).toEqual(engine.python);
      expect(network.python[0]!.join('').startsWith(engine.python[0]!.join(''))).toBe(true);
      expect(network.python[0]!.length).toBeGreaterThan(engine.python[0]!.length);
    });

    test('an error of the network goes to those who are still waiting, with its code', async () => {
      const networks: Record<string, Fake> = { 'm-cpu-fp32-model': { vocabulary: 337, refuses: 5 } };
      const requests = ['a', 'b', 'the', 'river'].map(text => ({
        texts: [text],
        parameters: { ...SAMPLED, max_tokens: 40 },
      }));
      // One at a time: texts of one call share the network's fate.
      for (const request of requests) {
        const { python, twin } = await asked('text-generation', [request], 'm-cpu-fp32', {}, networks);
        expect(twin).toEqual(python);
      }
    });
  },
);
