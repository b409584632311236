import { connect } from 'node:net';
import grpc from '@grpc/grpc-js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InferRequestMessage, InferResponseMessage } from '../../src/kserve/grpc-messages.js';
import { inferenceService } from '../../src/kserve/grpc-service.js';
import { GrpcServer } from '../../src/serve/grpc/server.js';
import type { Instance } from '../../src/serve/instance.js';
import { COUNTER, counter, ECHO, echo, modelOf, repositoryOf, TEXT } from './support.js';

const LIMIT = 1 << 16;
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

let server: GrpcServer;
let port: number;
let client: grpc.Client & Record<string, (...parameters: unknown[]) => unknown>;
beforeAll(async () => {
  const models = [
    modelOf(ECHO, echo()),
    modelOf(TEXT, echo()),
    modelOf(COUNTER, counter()),
    modelOf({ ...COUNTER, name: 'patient' }, patient),
    modelOf({ ...ECHO, name: 'stuck' }, echo({ gate: new Promise(() => undefined) })),
  ];
  const repository = repositoryOf(...models);
  server = new GrpcServer({ repository, version: '1.2.3', maxBytes: LIMIT, isStopping: () => false });
  port = await server.listen(0, '127.0.0.1');
  const Client = grpc.makeGenericClientConstructor(await inferenceService(), 'GRPCInferenceService');
  client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure()) as unknown as typeof client;
});
afterAll(async () => {
  client.close();
  await server.close();
});

type Reply = { readonly value: InferResponseMessage } | { readonly code: string; readonly details: string };

/** One call of a method, to its answer or its status. */
const ask = (method: string, message: object, options: object = {}): Promise<Reply> =>
  new Promise(resolve => {
    client[method]!(message, options, (error: grpc.ServiceError | null, value: InferResponseMessage) =>
      resolve(error ? { code: grpc.status[error.code]!, details: error.details } : { value }),
    );
  });

const floats = (...values: number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);
const IN = { name: 'IN', datatype: 'FP32', shape: [1, 3] };
const GOOD: InferRequestMessage = { model_name: 'echo', inputs: [IN], raw_input_contents: [floats(1, 3, 2)] };

/** The server answers as it should, whatever was asked before. */
async function expectAlive(): Promise<void> {
  const reply = await ask('ModelInfer', GOOD);
  expect(reply).toMatchObject({
    value: {
      model_name: 'echo',
      model_version: '1',
      outputs: [{ name: 'OUT', datatype: 'FP32', shape: ['1', '3'] }],
      raw_output_contents: [floats(1, 3, 2)],
    },
  });
}

describe('answers', () => {
  test('tensors raw, and as contents', async () => {
    await expectAlive();
    const typed = { ...GOOD, raw_input_contents: [], inputs: [{ ...IN, contents: { fp32_contents: [1, 3, 2] } }] };
    expect(await ask('ModelInfer', typed)).toEqual(await ask('ModelInfer', GOOD));
    const text = {
      model_name: 'text',
      inputs: [{ name: 'IN', datatype: 'BYTES', shape: [1], contents: { bytes_contents: [Buffer.from('é')] } }],
    };
    expect(await ask('ModelInfer', text)).toMatchObject({
      value: { raw_output_contents: [bytes(2, 'é')] },
    });
  });

  test('the best classes', async () => {
    const outputs = [{ name: 'OUT', parameters: { classification: { int64_param: 2 } } }];
    expect(await ask('ModelInfer', { ...GOOD, outputs })).toMatchObject({
      value: {
        outputs: [{ datatype: 'BYTES', shape: ['1', '2'] }],
        raw_output_contents: [bytes(14, '3.000000:1:one', 14, '2.000000:2:two')],
      },
    });
  });
});

const UNKNOWN_ID = '[request id: <id_unknown>] ';
const bytes = (...parts: (number | string)[]): Buffer =>
  Buffer.concat(
    parts.map(part => {
      if (typeof part === 'string') return Buffer.from(part);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(part);
      return length;
    }),
  );
const text = (raw: Buffer, shape: number[] = [1]): InferRequestMessage => ({
  model_name: 'text',
  inputs: [{ name: 'IN', datatype: 'BYTES', shape }],
  raw_input_contents: [raw],
});
const input = (changes: object): InferRequestMessage => ({ ...GOOD, inputs: [{ ...IN, ...changes }] });
const contents = (members: object, changes: object = {}): InferRequestMessage => ({
  model_name: 'echo',
  inputs: [{ ...IN, ...changes, contents: members as never }],
});
const parameters = (given: InferRequestMessage['parameters']): InferRequestMessage => ({
  ...GOOD,
  parameters: given!,
});

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

/** What a stream answers to these messages, in order; the code with which it ends. */
function stream(messages: readonly object[], options: object = {}) {
  const call = client.ModelStreamInfer!(options) as grpc.ClientDuplexStream<object, StreamResponse>;
  const responses: StreamResponse[] = [];
  const ended = new Promise<{ responses: StreamResponse[]; code: string }>(resolve => {
    call.on('data', (response: StreamResponse) => responses.push(response));
    call.on('error', () => undefined);
    call.on('status', ({ code }: grpc.StatusObject) => resolve({ responses, code: grpc.status[code]! }));
  });
  for (const message of messages) call.write(message);
  return { call, ended };
}
interface StreamResponse {
  readonly error_message?: string;
  readonly infer_response?: InferResponseMessage;
}

describe('refusals', () => {
  test.each(BAD)('%s', async (_, message, code, details) => {
    const reply = await ask('ModelInfer', message);
    expect(reply).toEqual({ code, details: details instanceof RegExp ? expect.stringMatching(details) : details });
  });

  test('in a stream, each is a message, and the next request is answered', async () => {
    const { call, ended } = stream([]);
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
    expect(await raw(definition.path, Buffer.alloc(0))).toMatchObject({ code: 'UNIMPLEMENTED' });
  });

  test('a message that is too large', async () => {
    const large = { ...GOOD, raw_input_contents: [Buffer.alloc(LIMIT)] };
    expect(await ask('ModelInfer', large)).toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    await expectAlive();
  });

  test('a client whose time is over, and one that goes: the model hears of it', async () => {
    const stuck = { ...GOOD, model_name: 'stuck' };
    expect(await ask('ModelInfer', stuck, { deadline: Date.now() + 50 })).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    const { call, ended } = stream([
      {
        model_name: 'patient',
        inputs: [{ name: 'N', datatype: 'INT32', shape: [1], contents: { int_contents: [1] } }],
      },
    ]);
    setTimeout(() => call.cancel(), 50);
    expect((await ended).code).toBe('CANCELLED');
    while (gone.length === 0) await new Promise(resolve => setTimeout(resolve, 2));
    const late = stream(
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
    await expectAlive();
  });

  test('bytes that are no HTTP/2', async () => {
    for (const nonsense of ['GET / HTTP/1.1\r\n\r\n', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnonsense'.repeat(9)]) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.resume();
      socket.write(nonsense);
      await new Promise(resolve => setTimeout(resolve, 20));
      socket.destroy();
    }
    await expectAlive();
  });
});

/** A call whose request is bytes, whatever they are. */
function raw(path: string, message: Buffer): Promise<{ readonly code: string; readonly details: string }> {
  const same = (value: Buffer): Buffer => value;
  return new Promise(resolve => {
    client.makeUnaryRequest(path, same, same, message, (error: grpc.ServiceError | null) =>
      resolve({ code: grpc.status[error?.code ?? 0]!, details: error?.details ?? '' }),
    );
  });
}

describe('anything', () => {
  const METHODS = [
    'ModelInfer',
    'ModelMetadata',
    'ModelConfig',
    'ModelStatistics',
    'ModelReady',
    'RepositoryIndex',
    'RepositoryModelLoad',
  ];
  /** What the codes are where nothing is wrong with the server: never INTERNAL with words of ours. */
  const expectAnswered = ({ code, details }: { code: string; details: string }): void => {
    expect(['OK', 'INVALID_ARGUMENT', 'NOT_FOUND', 'UNIMPLEMENTED', 'UNAVAILABLE', 'INTERNAL']).toContain(code);
    // The library's own, for what is no protobuf.
    if (code === 'INTERNAL') expect(details).toBe('Error deserializing request');
  };

  let encode: (message: InferRequestMessage) => Buffer;
  beforeAll(async () => {
    const service = await inferenceService();
    encode = service.ModelInfer!.requestSerialize as typeof encode;
  });

  test('bytes, to every method', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...METHODS), fc.uint8Array({ maxLength: 120 }), async (method, message) => {
        expectAnswered(await raw(`/inference.GRPCInferenceService/${method}`, Buffer.from(message)));
      }),
      { numRuns: 300 },
    );
    await expectAlive();
  });

  test('good requests with bytes changed, left out or put in', async () => {
    const good: readonly InferRequestMessage[] = [
      GOOD,
      contents({ fp32_contents: [1, 3, 2] }),
      text(bytes(3, 'abc')),
      { ...parameters({ priority: { int64_param: 1 } }), outputs: [{ name: 'OUT' }], id: 'a' },
    ];
    const change = fc.tuple(fc.nat(200), fc.nat(2), fc.uint8Array({ maxLength: 4 }));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...good),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        async (message, changes) => {
          let encoded = encode(message);
          for (const [place, removed, put] of changes) {
            const at = place % (encoded.length + 1);
            encoded = Buffer.concat([encoded.subarray(0, at), put, encoded.subarray(at + removed)]);
          }
          expectAnswered(await raw('/inference.GRPCInferenceService/ModelInfer', encoded));
        },
      ),
      { numRuns: 500 },
    );
    await expectAlive();
  });

  test('messages with any members, in calls and in one stream', async () => {
    const name = fc.constantFrom('IN', 'N', '', '__proto__', 'toString');
    const tensor = fc.record({
      name,
      datatype: fc.constantFrom('FP32', 'INT32', 'BYTES', 'FP16', 'BOOL', 'INT64', '', 'constructor'),
      shape: fc.array(fc.oneof(fc.integer({ min: -2, max: 4 }), fc.constantFrom('9223372036854775807', '4294967296')), {
        maxLength: 3,
      }),
      contents: fc.option(
        fc.record({
          fp32_contents: fc.array(fc.float(), { maxLength: 4 }),
          int_contents: fc.array(fc.integer(), { maxLength: 2 }),
          bytes_contents: fc.array(fc.uint8Array({ maxLength: 3 }).map(Buffer.from), { maxLength: 2 }),
        }),
      ),
    });
    const parameter = fc.oneof(
      fc.record({ int64_param: fc.integer() }),
      fc.record({ string_param: fc.string() }),
      fc.record({ double_param: fc.double() }),
      fc.constant({}),
    );
    const message = fc.record({
      model_name: fc.constantFrom('echo', 'text', 'counter', 'nope', ''),
      model_version: fc.constantFrom('', '1', '-1', '99999999999999999999', 'x'),
      id: fc.string({ maxLength: 3 }),
      parameters: fc.dictionary(fc.constantFrom('priority', 'timeout', '__proto__', 'triton_x', 'a'), parameter),
      inputs: fc.array(tensor, { maxLength: 2 }),
      outputs: fc.array(fc.record({ name, parameters: fc.dictionary(fc.constant('classification'), parameter) }), {
        maxLength: 2,
      }),
      raw_input_contents: fc.array(fc.uint8Array({ maxLength: 16 }).map(Buffer.from), { maxLength: 2 }),
    });
    const { call, ended } = stream([]);
    let sent = 0;
    await fc.assert(
      fc.asyncProperty(message, async any => {
        const reply = await ask('ModelInfer', any);
        if ('code' in reply) expectAnswered(reply);
        // A counter answers as often as it is asked.
        if (any.model_name !== 'counter') {
          call.write(any);
          sent++;
        }
      }),
      { numRuns: 300 },
    );
    call.end();
    const { responses, code } = await ended;
    expect([code, responses.length]).toEqual(['OK', sent]);
    expect(responses.filter(({ error_message: error = '' }) => error.startsWith('internal error'))).toEqual([]);
    await expectAlive();
  });
});
