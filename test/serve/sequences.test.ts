import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { WireTensor } from '../../src/kserve/datatypes.js';
import type { Parameters } from '../../src/kserve/messages.js';
import type { Instance } from '../../src/serve/instance.js';
import type { Answer, ModelRequest } from '../../src/serve/model.js';
import { initialStates, networkConfig } from '../../src/serve/sequence-inputs.js';
import { SequenceModel } from '../../src/serve/sequences.js';
import { singleAnswer } from '../../src/serve/served-version.js';
import type { ModelConfig } from '../../src/triton/model-config.js';
import { ok } from '../../src/util/result.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { modelOf } from './support.js';

const temporaryFolder = temporaryFolders();

/** The sum of what a sequence has sent. */
const SUM = {
  name: 'sum',
  max_batch_size: 4,
  input: [{ name: 'IN', data_type: 'TYPE_FP32', dims: [1] }],
  output: [{ name: 'OUT', data_type: 'TYPE_FP32', dims: [1] }],
  sequence_batching: {
    control_input: [
      { name: 'START', control: [{ kind: 'CONTROL_SEQUENCE_START', int32_false_true: [-1, 1] }] },
      { name: 'END', control: [{ kind: 'CONTROL_SEQUENCE_END', fp32_false_true: [0, 2] }] },
      { name: 'READY', control: [{ kind: 'CONTROL_SEQUENCE_READY', bool_false_true: [false, true] }] },
      { name: 'ID', control: [{ kind: 'CONTROL_SEQUENCE_CORRID', data_type: 'TYPE_INT64' }] },
    ],
    state: [{ input_name: 'BEFORE', output_name: 'AFTER', data_type: 'TYPE_FP32', dims: [1] }],
    oldest: { max_candidate_sequences: 2, max_queue_delay_microseconds: 20_000 },
  },
} as const satisfies ModelConfig;

const value = ({ inputs }: ModelRequest, name: string): number =>
  Number((inputs.find(input => input.name === name)!.data as Float32Array)[0]);

function summing(seen: ModelRequest[][]): Instance {
  return {
    async execute(requests) {
      seen.push([...requests]);
      const answers = requests.map((request): Answer => {
        const sum = Float32Array.of(value(request, 'BEFORE') + value(request, 'IN'));
        const tensor = (name: string): WireTensor => ({ name, datatype: 'FP32', shape: [1, 1], data: sum });
        return ok({ outputs: [tensor('OUT'), tensor('AFTER')] });
      });
      return { answers, spent: { computeInput: 0, computeInfer: 1, computeOutput: 0 } };
    },
    close: async () => undefined,
  };
}

async function serve(config: ModelConfig & { readonly name: string } = SUM, slots = 2, folder = '') {
  const seen: ModelRequest[][] = [];
  const network = modelOf({ ...networkConfig(config), name: config.name }, summing(seen));
  const states = await initialStates(config, folder);
  if (!states.ok) throw new Error(states.error.message);
  const model = new SequenceModel({ ...network.facts, config }, network, { slots, states: states.value });
  /** The sum, or the error. */
  const ask = async (id: Parameters[string], given: number, flags = '', rows = 1): Promise<number | string> => {
    const answer = await singleAnswer(
      model.answers({
        parameters: { sequence_id: id, sequence_start: flags.includes('S'), sequence_end: flags.includes('E') },
        inputs: [{ name: 'IN', datatype: 'FP32', shape: [rows, 1], data: new Float32Array(rows).fill(given) }],
        outputs: [],
        signal: new AbortController().signal,
      }),
    );
    if (!answer.ok) return answer.error.message;
    expect(answer.value.outputs.map(({ name }) => name)).toEqual(['OUT']);
    return Number((answer.value.outputs[0]!.data as Float32Array)[0]);
  };
  return { model, seen, ask };
}

const controls = (request: ModelRequest) => ['START', 'END', 'READY', 'ID'].map(name => value(request, name));
const sleep = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

test('a sequence has its state, and the model is told where in it a request stands', async () => {
  const { seen, ask } = await serve();
  expect([await ask(7, 1, 'S'), await ask(7, 2), await ask(7, 3, 'E')]).toEqual([1, 3, 6]);
  expect(seen.flat().map(controls)).toEqual([
    [1, 0, 1, 7],
    [-1, 0, 1, 7],
    [-1, 2, 1, 7],
  ]);
  expect(seen[0]![0]!.inputs.map(({ name, datatype, shape }) => [name, datatype, shape])).toEqual([
    ['IN', 'FP32', [1, 1]],
    ['START', 'INT32', [1, 1]],
    ['END', 'FP32', [1, 1]],
    ['READY', 'BOOL', [1, 1]],
    ['ID', 'INT64', [1, 1]],
    ['BEFORE', 'FP32', [1, 1]],
  ]);
  expect(await ask(7, 5, 'S')).toBe(5);
});

test('requests of one sequence wait for each other, those of several run together', async () => {
  const { seen, ask } = await serve();
  const asked = [ask(1, 1, 'S'), ask(1, 10), ask(2, 2, 'S'), ask(1, 100, 'E'), ask(2, 20, 'E')];
  expect(await Promise.all(asked)).toEqual([1, 11, 2, 111, 22]);
  expect(seen.map(batch => batch.map(request => value(request, 'ID')))).toEqual([[1, 2], [1, 2], [1]]);
});

test('a sequence that finds no room begins when another has ended', async () => {
  const { ask } = await serve(SUM, 1);
  expect(await ask(1, 1, 'S')).toBe(1);
  let isDone = false;
  const second = Promise.all([ask(2, 5, 'S'), ask(2, 6, 'E')]).then(sums => {
    isDone = true;
    return sums;
  });
  await sleep(40);
  expect(isDone).toBe(false);
  expect(await ask(1, 2, 'E')).toBe(3);
  expect(await second).toEqual([5, 11]);
});

test('a sequence that begins again before its end is answered to its end, and has no state of the first', async () => {
  const { ask } = await serve(SUM, 1);
  expect(await Promise.all([ask(1, 1, 'S'), ask(1, 2), ask(1, 10, 'S'), ask(1, 20, 'E')])).toEqual([1, 3, 10, 30]);
  expect(await ask(2, 4, 'SE')).toBe(4);
});

test('who stays away too long has lost the sequence, and its room', async () => {
  const idle = { ...SUM, sequence_batching: { ...SUM.sequence_batching, max_sequence_idle_microseconds: 30_000 } };
  const { ask } = await serve(idle, 1);
  expect(await ask(1, 1, 'S')).toBe(1);
  const other = ask(2, 5, 'S');
  await sleep(80);
  expect(await ask(1, 2)).toMatch(/must specify the START flag/);
  expect(await other).toBe(5);
});

describe('what is no request of a sequence', () => {
  test.each<[string, Parameters[string], string, number, string]>([
    ['no id', '', 'S', 1, "inference request to model 'sum' must specify a non-zero or non-empty correlation ID"],
    ['the id 0', 0, 'S', 1, "inference request to model 'sum' must specify a non-zero or non-empty correlation ID"],
    [
      'a name where the model takes numbers',
      'me',
      'S',
      1,
      "[request id: <id_unknown>] sequence batching control 'ID' data-type is 'BYTES', but model 'sum' expects 'INT64'",
    ],
    [
      'no beginning',
      5,
      '',
      1,
      "inference request for sequence 5 to model 'sum' must specify the START flag on the first request of the sequence",
    ],
    [
      'several rows',
      5,
      'S',
      2,
      "inference request to model 'sum' must specify batch-size 1 due to requirements of sequence batcher",
    ],
  ])('%s', async (_, id, flags, rows, message) => {
    const { model, seen, ask } = await serve();
    expect(await ask(id, 1, flags, rows)).toBe(message);
    expect(seen).toEqual([]);
    expect(model.facts.statistics.failures.OTHER).toBe(1);
  });
});

test('a sequence may have a name where the model takes one, and 0 is a name', async () => {
  const [start, end, ready] = SUM.sequence_batching.control_input;
  const named: ModelConfig & { name: string } = {
    ...SUM,
    sequence_batching: {
      ...SUM.sequence_batching,
      control_input: [
        start,
        end,
        ready,
        { name: 'ID', control: [{ kind: 'CONTROL_SEQUENCE_CORRID', data_type: 'TYPE_STRING' }] },
      ],
    },
  };
  const { seen, ask } = await serve(named);
  expect([await ask('me', 1, 'S'), await ask('0', 2, 'S'), await ask('me', 3, 'E')]).toEqual([1, 2, 4]);
  const names = seen
    .flat()
    .map(({ inputs }) => inputs.find(({ name }) => name === 'ID')!.data as readonly Uint8Array[]);
  expect(names.map(([name]) => new TextDecoder().decode(name))).toEqual(['me', '0', 'me']);
  expect(await ask(7, 1, 'S')).toBe(
    "[request id: <id_unknown>] sequence batching control 'ID' data-type is 'UINT64', but model 'sum' expects 'BYTES'",
  );
});

test('states begin as the configuration says', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'initial_state'));
  writeFileSync(join(folder, 'initial_state/ten'), new Uint8Array(Float32Array.of(10).buffer));
  const from = (initial: object): ModelConfig & { name: string } => ({
    ...SUM,
    sequence_batching: {
      ...SUM.sequence_batching,
      state: [
        { ...SUM.sequence_batching.state[0], initial_state: [{ data_type: 'TYPE_FP32', dims: [1], ...initial }] },
      ],
    },
  });
  expect(await (await serve(from({ data_file: 'ten' }), 1, folder)).ask(1, 1, 'S')).toBe(11);
  expect(await (await serve(from({ zero_data: true }), 1, folder)).ask(1, 1, 'S')).toBe(1);
  writeFileSync(join(folder, 'initial_state/short'), 'xy');
  expect(await initialStates(from({ data_file: 'short' }), folder)).toMatchObject({
    ok: false,
    error: { code: 'initial-state-file', where: join(folder, 'initial_state/short') },
  });
});

test('a server that stops answers what it has, also what has had no room yet', async () => {
  const { model, ask } = await serve(SUM, 1);
  const asked = [ask(1, 1, 'S'), ask(1, 2), ask(2, 5, 'S')];
  await model.close();
  expect(await Promise.all(asked)).toEqual([1, 3, 5]);
  expect(await ask(3, 1, 'S')).toMatch(/^Server is stopping/);
});
