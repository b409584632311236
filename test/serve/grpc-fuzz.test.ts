import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InferRequestMessage } from '../../src/kserve/grpc-messages.js';
import { inferenceService } from '../../src/kserve/grpc-service.js';
import { bytes, contents, GOOD, GrpcCalls, parameters, text } from './grpc-calls.js';
import { COUNTER, counter, ECHO, echo, modelOf, TEXT } from './support.js';

let calls: GrpcCalls;
beforeAll(async () => {
  calls = await GrpcCalls.of(modelOf(ECHO, echo()), modelOf(TEXT, echo()), modelOf(COUNTER, counter()));
});
afterAll(() => calls.close());

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
        expectAnswered(await calls.raw(`/inference.GRPCInferenceService/${method}`, Buffer.from(message)));
      }),
      { numRuns: 300 },
    );
    await calls.expectAlive();
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
          expectAnswered(await calls.raw('/inference.GRPCInferenceService/ModelInfer', encoded));
        },
      ),
      { numRuns: 500 },
    );
    await calls.expectAlive();
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
    const { call, ended } = calls.stream([]);
    let sent = 0;
    await fc.assert(
      fc.asyncProperty(message, async any => {
        const reply = await calls.ask('ModelInfer', any);
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
    await calls.expectAlive();
  });
});
