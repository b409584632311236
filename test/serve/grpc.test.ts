import { connect } from 'node:net';
import type grpc from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InferRequestMessage } from '../../src/kserve/grpc-messages.js';
import type { Instance } from '../../src/serve/instance.js';
import { bytes, contents, floats, GOOD, GrpcCalls, IN, input, LIMIT, parameters, text } from './grpc-calls.js';
import { COUNTER, counter, ECHO, echo, modelOf, TEXT } from './support.js';

/** Never answers before its client has gone; then it says so. */
const gone: string[] = [];
const patient: Instance = {
  execute: () => Promise.reject(new Error('decoupled')),
  async *stream({ signal }) {
    await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }));
    gone.push('stream');
    yield* [];
  },
  close: async () => undefined,
};

let calls: GrpcCalls;
beforeAll(async () => {
  calls = await GrpcCalls.of(
    modelOf(ECHO, echo()),
    modelOf(TEXT, echo()),
    modelOf(COUNTER, counter()),
    modelOf({ ...COUNTER, name: 'patient' }, patient),
    modelOf({ ...ECHO, name: 'stuck' }, echo({ gate: new Promise(() => undefined) })),
  );
});
afterAll(() => calls.close());

describe('answers', () => {
  test('tensors raw, and as contents', async () => {
    await calls.expectAlive();
    const typed = { ...GOOD, raw_input_contents: [], inputs: [{ ...IN, contents: { fp32_contents: [1, 3, 2] } }] };
    expect(await calls.ask('ModelInfer', typed)).toEqual(await calls.ask('ModelInfer', GOOD));
    const text = {
      model_name: 'text',
      inputs: [{ name: 'IN', datatype: 'BYTES', shape: [1], contents: { bytes_contents: [Buffer.from('é')] } }],
    };
    expect(await calls.ask('ModelInfer', text)).toMatchObject({
      value: { raw_output_contents: [bytes(2, 'é')] },
    });
  });

  test('the best classes', async () => {
    const outputs = [{ name: 'OUT', parameters: { classification: { int64_param: 2 } } }];
    expect(await calls.ask('ModelInfer', { ...GOOD, outputs })).toMatchObject({
      value: {
        outputs: [{ datatype: 'BYTES', shape: ['1', '2'] }],
        raw_output_contents: [bytes(14, '3.000000:1:one', 14, '2.000000:2:two')],
      },
    });
  });
});

const UNKNOWN_ID = '[request id: <id_unknown>] ';
const BAD: readonly [what: string, message: InferRequestMessage, code: string, details: string | RegExp][] = [
  ['unknown model', { model_name: 'nope' }, 'NOT_FOUND', "Request for unknown model: 'nope' is not found"],
  ['unknown version', { ...GOOD, model_version: '7' }, 'NOT_FOUND', /^Request for unknown model: 'echo'/],
  [
    'a version that is no number',
    { ...GOOD, model_version: 'latest' },
    'INVALID_ARGUMENT',
    "failed to get model version from specified version string 'latest'",
  ],
  [
    'a decoupled model',
    { model_name: 'counter' },
    'UNIMPLEMENTED',
    "ModelInfer RPC doesn't support models with decoupled transaction policy",
  ],
  [
    'no inputs',
    { model_name: 'echo' },
    'INVALID_ARGUMENT',
    `${UNKNOWN_ID}expected 1 inputs but got 0 inputs for model 'echo'. Got input(s) [], but missing required input(s) ['IN']. Please provide all required input(s).`,
  ],
  [
    'another input',
    input({ name: 'OTHER' }),
    'INVALID_ARGUMENT',
    "unexpected inference input 'OTHER' for model 'echo'",
  ],
  [
    'an input twice',
    { ...GOOD, inputs: [IN, IN], raw_input_contents: [floats(1, 2, 3), floats(1, 2, 3)] },
    'INVALID_ARGUMENT',
    `${UNKNOWN_ID}input 'IN' already exists in request`,
  ],
  [
    'another type',
    input({ datatype: 'INT32' }),
    'INVALID_ARGUMENT',
    `${UNKNOWN_ID}inference input 'IN' data-type is 'INT32', but model 'echo' expects 'FP32'`,
  ],
  ['a type that is none', input({ datatype: 'FP8' }), 'INVALID_ARGUMENT', `input 'IN': unknown datatype "FP8"`],
  [
    'another shape',
    { ...input({ shape: [3] }), id: 'mine' },
    'INVALID_ARGUMENT',
    /^\[request id: mine\] unexpected shape for input 'IN' for model 'echo'\. Expected \[-1,-1\], got \[3\]\. NOTE: Setting/,
  ],
  [
    'a shape that is none',
    input({ shape: [1, -3] }),
    'INVALID_ARGUMENT',
    "input 'IN': the shape [1,-3] is not one of a tensor",
  ],
  [
    'too many rows',
    { ...input({ shape: [9, 1] }), raw_input_contents: [floats(...Array<number>(9).fill(0))] },
    'INVALID_ARGUMENT',
    `${UNKNOWN_ID}inference request batch-size must be <= 8 for 'echo'`,
  ],
  [
    'bytes too few',
    { ...GOOD, raw_input_contents: [floats(1, 2)] },
    'INVALID_ARGUMENT',
    `${UNKNOWN_ID}input byte size mismatch for input 'IN' for model 'echo'. Expected 12, got 8`,
  ],
  [
    'no elements at all',
    { ...GOOD, raw_input_contents: [] },
    'INVALID_ARGUMENT',
    "unable to find data for input tensor 'IN' for model 'echo' in request.",
  ],
  [
    'elements in both places',
    { ...contents({ fp32_contents: [1, 3, 2] }), raw_input_contents: [floats(1, 3, 2)] },
    'INVALID_ARGUMENT',
    "contents field must not be specified when using raw_input_contents for 'IN' for model 'echo'",
  ],
  [
    'more raw contents than inputs',
    { ...GOOD, raw_input_contents: [floats(1, 3, 2), floats(1)] },
    'INVALID_ARGUMENT',
    '2 raw contents for 1 inputs without contents',
  ],
  [
    'contents of another type',
    contents({ int_contents: [1, 3, 2] }),
    'INVALID_ARGUMENT',
    "unexpected explicit tensor data for input tensor 'IN' for model 'echo' of type 'INT32', expected datatype 'FP32'",
  ],
  [
    'contents of a type that is none',
    contents({ fp32_contents: [1, 3, 2] }, { datatype: 'FP8' }),
    'INVALID_ARGUMENT',
    "unexpected explicit tensor data for input tensor 'IN' for model 'echo' of type 'FP32', expected datatype '<invalid>'",
  ],
  [
    'contents of two types',
    contents({ fp32_contents: [1, 3, 2], fp64_contents: [1, 3, 2] }),
    'INVALID_ARGUMENT',
    "unexpected explicit tensor data for input tensor 'IN' for model 'echo', binary data was already supplied.",
  ],
  [
    'contents too few',
    contents({ fp32_contents: [1] }),
    'INVALID_ARGUMENT',
    `${UNKNOWN_ID}input byte size mismatch for input 'IN' for model 'echo'. Expected 12, got 4`,
  ],
  [
    'half a length',
    text(bytes(1, 'a', 'bc')),
    'INVALID_ARGUMENT',
    `${UNKNOWN_ID}incomplete string length indicator for inference input 'IN' for model 'text', expecting 4 bytes but only 2 bytes available. Please make sure the string length indicator is in one buffer.`,
  ],
  [
    'half a string',
    text(bytes(4_000_000_000, 'abc')),
    'INVALID_ARGUMENT',
    `${UNKNOWN_ID}incomplete string data for inference input 'IN' for model 'text', expecting string of length 4000000000 but only 3 bytes available`,
  ],
  [
    'strings too many',
    text(bytes(1, 'a', 0)),
    'INVALID_ARGUMENT',
    `${UNKNOWN_ID}expected 1 string elements for inference input 'IN' for model 'text', got 2`,
  ],
  [
    'an output that is not there',
    { ...GOOD, outputs: [{ name: 'LOGITS' }] },
    'INVALID_ARGUMENT',
    "unexpected inference output 'LOGITS' for model 'echo'",
  ],
  [
    'a reserved parameter',
    parameters({ triton_x: { bool_param: true } }),
    'INVALID_ARGUMENT',
    "parameter keys starting with 'triton_' are reserved for Triton usage. Only the following keys starting with 'triton_' are allowed: triton_enable_empty_final_response",
  ],
  [
    'a priority in words',
    parameters({ priority: { string_param: 'high' } }),
    'INVALID_ARGUMENT',
    "invalid value type for 'priority' parameter, expected int64_param or uint64_param.",
  ],
  [
    'a priority below 0',
    parameters({ priority: { int64_param: -1 } }),
    'INVALID_ARGUMENT',
    "invalid value for 'priority', expected value >= 0.",
  ],
  [
    'a time with a point',
    parameters({ timeout: { double_param: 0.5 } }),
    'INVALID_ARGUMENT',
    "invalid value type for 'timeout' parameter, expected int64_param.",
  ],
  [
    'a parameter without value',
    parameters({ mine: {} }),
    'INVALID_ARGUMENT',
    "invalid value type for 'mine' parameter, expected int64_param, bool_param, or string_param.",
  ],
];

describe('refusals', () => {
  test.each(BAD)('%s', async (_, message, code, details) => {
    const reply = await calls.ask('ModelInfer', message);
    expect(reply).toEqual({ code, details: details instanceof RegExp ? expect.stringMatching(details) : details });
  });

  test('in a stream, each is a message, and the next request is answered', async () => {
    const { call, ended } = calls.stream([]);
    for (const [, message] of BAD.filter(([what]) => what !== 'a decoupled model')) {
      call.write(message);
    }
    call.write(GOOD);
    call.end();
    const { responses, code } = await ended;
    expect(code).toBe('OK');
    const told = responses.map(({ error_message: error = '' }) => error).sort();
    const expected = BAD.filter(([what]) => what !== 'a decoupled model').map(([, , , details]) => details);
    expect(told[0]).toBe('');
    for (const details of expected) {
      expect(
        told.some(error => (details instanceof RegExp ? details.test(error) : error === details)),
        `${details}`,
      ).toBe(true);
    }
    expect(told).toHaveLength(expected.length + 1);
  });

  test('calls that the server does not have', async () => {
    const definition: grpc.MethodDefinition<Buffer, Buffer> = {
      path: '/inference.GRPCInferenceService/SystemSharedMemoryStatus',
      requestStream: false,
      responseStream: false,
      requestSerialize: value => value,
      requestDeserialize: value => value,
      responseSerialize: value => value,
      responseDeserialize: value => value,
    };
    expect(await calls.raw(definition.path, Buffer.alloc(0))).toMatchObject({ code: 'UNIMPLEMENTED' });
  });

  test('a message that is too large', async () => {
    const large = { ...GOOD, raw_input_contents: [Buffer.alloc(LIMIT)] };
    expect(await calls.ask('ModelInfer', large)).toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    await calls.expectAlive();
  });

  test('a client whose time is over, and one that goes: the model hears of it', async () => {
    const stuck = { ...GOOD, model_name: 'stuck' };
    expect(await calls.ask('ModelInfer', stuck, { deadline: Date.now() + 50 })).toMatchObject({
      code: 'DEADLINE_EXCEEDED',
    });
    const { call, ended } = calls.stream([
      {
        model_name: 'patient',
        inputs: [{ name: 'N', datatype: 'INT32', shape: [1], contents: { int_contents: [1] } }],
      },
    ]);
    setTimeout(() => call.cancel(), 50);
    expect((await ended).code).toBe('CANCELLED');
    while (gone.length === 0) await new Promise(resolve => setTimeout(resolve, 2));
    const late = calls.stream(
      [
        {
          model_name: 'patient',
          inputs: [{ name: 'N', datatype: 'INT32', shape: [1], contents: { int_contents: [1] } }],
        },
      ],
      { deadline: Date.now() + 50 },
    );
    expect((await late.ended).code).toBe('DEADLINE_EXCEEDED');
    while (gone.length === 1) await new Promise(resolve => setTimeout(resolve, 2));
    await calls.expectAlive();
  });

  test('bytes that are no HTTP/2', async () => {
    for (const nonsense of ['GET / HTTP/1.1\r\n\r\n', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnonsense'.repeat(9)]) {
      const socket = connect(calls.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.resume();
      socket.write(nonsense);
      await new Promise(resolve => setTimeout(resolve, 20));
      socket.destroy();
    }
    await calls.expectAlive();
  });
});
