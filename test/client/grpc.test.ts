import grpc from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { toNested } from '../../src/client/tensors.js';
import {
  type InferRequestMessage,
  inferRequestFromMessage,
  inferResponseToMessage,
} from '../../src/kserve/grpc-messages.js';
import { clientOf, closedPort, floats, grpcServer } from './support.js';

type Call = grpc.ServerUnaryCall<InferRequestMessage, unknown>;
type Done = grpc.sendUnaryData<unknown>;

const echo = (call: Call, done: Done): void => {
  const request = inferRequestFromMessage(call.request);
  if (!request.ok) {
    done({ code: grpc.status.INVALID_ARGUMENT, details: request.error });
    return;
  }
  const { id, inputs, parameters } = request.value;
  done(
    null,
    inferResponseToMessage({
      modelName: call.request.model_name!,
      modelVersion: call.request.model_version || '1',
      ...(id === undefined ? {} : { id }),
      parameters,
      outputs: inputs,
    }),
  );
};

test('every kind of tensor and parameter there and back', async () => {
  const { url } = await grpcServer({ ModelInfer: echo });
  for (const compress of [false, true]) {
    const answer = await clientOf(url, { compress }).infer('echo', {
      inputs: {
        TEXT: [['a'], ['é\0']],
        ids: { datatype: 'INT64', data: [[1n, 2n ** 53n + 1n]] },
        half: { datatype: 'FP16', data: new Uint16Array([15360]) },
        none: { datatype: 'FP32', shape: [0, 2], data: new Float32Array(0) },
      },
      parameters: { priority: 1, large: 2n ** 64n - 1n, timeout: 2n ** 53n + 1n, share: 0.5, name: 'n', yes: true },
      id: 'seven',
      version: '2',
      binary: true,
    });
    if (!answer.ok) throw new Error(answer.error.message);
    const { outputs, ...rest } = answer.value;
    expect(rest).toEqual({
      modelName: 'echo',
      modelVersion: '2',
      id: 'seven',
      parameters: { priority: 1, large: 2n ** 64n - 1n, timeout: 2n ** 53n + 1n, share: 0.5, name: 'n', yes: true },
    });
    expect(Object.values(outputs).map(toNested)).toEqual([[['a'], ['é\0']], [[1n, 2n ** 53n + 1n]], [15360], []]);
  }
});

describe('errors', () => {
  test('the server says why', async () => {
    const { url } = await grpcServer({
      ModelMetadata: (_: Call, done: Done) => done({ code: grpc.status.NOT_FOUND, details: "unknown model 'x'" }),
    });
    const client = clientOf(url);
    expect(await client.modelMetadata('x')).toEqual({
      ok: false,
      error: { kind: 'server', status: 'NOT_FOUND', message: "unknown model 'x'", safeToRetry: false },
    });
    expect(await client.modelConfig('x')).toMatchObject({ ok: false, error: { status: 'UNIMPLEMENTED' } });
    expect(await client.generate('x', 'a')).toMatchObject({ ok: false, error: { kind: 'request' } });
  });

  test('UNAVAILABLE, then fine', async () => {
    let calls = 0;
    const { url } = await grpcServer({
      ModelInfer: (call: Call, done: Done) =>
        ++calls < 3 ? done({ code: grpc.status.UNAVAILABLE, details: 'queue is full' }) : echo(call, done),
    });
    const answer = await clientOf(url).infer('m', { inputs: { a: ['a'] } });
    expect([answer.ok, calls]).toEqual([true, 3]);
  });

  test('nobody listens', async () => {
    const port = await closedPort();
    const answer = await clientOf(`grpc://127.0.0.1:${port}`, { retry: { attempts: 2 } }).live();
    expect(answer).toEqual({
      ok: false,
      error: {
        kind: 'unreachable',
        message: `connect ECONNREFUSED 127.0.0.1:${port}`,
        safeToRetry: true,
      },
    });
  });

  test('the connection is lost in the middle: not tried again', async () => {
    let calls = 0;
    const { url, server } = await grpcServer({
      ModelInfer: () => {
        calls++;
        server.forceShutdown();
      },
    });
    const answer = await clientOf(url).infer('m', { inputs: { a: ['a'] } });
    expect(answer).toMatchObject({ ok: false, error: { kind: 'broken' } });
    expect(calls).toBe(1);
  });

  test('deadline and cancellation reach the server', async () => {
    let ended = 0;
    const { url } = await grpcServer({ ModelInfer: (call: Call) => void call.on('cancelled', () => ended++) });
    const client = clientOf(url);
    expect(await client.infer('m', { inputs: { a: ['a'] }, timeoutMilliseconds: 80 })).toEqual({
      ok: false,
      error: { kind: 'deadline', message: 'no answer within 80 ms', safeToRetry: false },
    });
    const controller = new AbortController();
    const running = client.infer('m', { inputs: { a: ['a'] }, signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    expect(await running).toMatchObject({ ok: false, error: { kind: 'cancelled' } });
    await expect.poll(() => ended).toBe(2);
  });

  test('tensors that are not what they say', async () => {
    const { url } = await grpcServer({
      ModelInfer: (_: Call, done: Done) =>
        done(null, {
          model_name: 'm',
          outputs: [{ name: 'y', datatype: 'FP32', shape: [2] }],
          raw_output_contents: [Buffer.alloc(7)],
        }),
    });
    expect(await clientOf(url).infer('m', { inputs: { a: ['a'] } })).toMatchObject({
      ok: false,
      error: { kind: 'malformed', message: "output 'y': 2 elements of FP32 are 8 bytes, not 7" },
    });
  });
});

describe('streams', () => {
  const answers =
    (messages: readonly object[]) =>
    (call: grpc.ServerDuplexStream<object, object>): void => {
      call.on('data', () => {
        for (const message of messages) call.write(message);
      });
      call.on('end', () => call.end());
    };
  const piece = (value: number): object => ({
    infer_response: inferResponseToMessage({
      modelName: 'm',
      modelVersion: '1',
      parameters: {},
      outputs: [floats('y', [value])],
    }),
  });

  test('all responses of one request', async () => {
    const { url } = await grpcServer({ ModelStreamInfer: answers([piece(1), piece(2)]) });
    const values: unknown[] = [];
    for await (const response of clientOf(url).streamInfer('m', { inputs: { a: ['a'] } })) {
      values.push(response.ok && toNested(response.value.outputs.y!));
    }
    expect(values).toEqual([[1], [2]]);
  });

  test('an error within ends it', async () => {
    const { url } = await grpcServer({
      ModelStreamInfer: answers([piece(1), { error_message: 'no memory' }, piece(2)]),
    });
    const all: unknown[] = [];
    for await (const response of clientOf(url).streamInfer('m', { inputs: { a: ['a'] } })) all.push(response);
    expect(all).toMatchObject([{ ok: true }, { ok: false, error: { kind: 'server', message: 'no memory' } }]);
    expect(all).toHaveLength(2);
  });

  test('a reader that has enough cancels', async () => {
    let cancelled = false;
    const { url } = await grpcServer({
      ModelStreamInfer: (call: grpc.ServerDuplexStream<object, object>) => {
        call.on('cancelled', () => {
          cancelled = true;
        });
        call.on('data', () => call.write(piece(1)));
      },
    });
    for await (const response of clientOf(url).streamInfer('m', { inputs: { a: ['a'] } })) {
      expect(response.ok).toBe(true);
      break;
    }
    await expect.poll(() => cancelled).toBe(true);
  });
});

test('what a server tells of itself', async () => {
  const { url } = await grpcServer({
    ServerLive: (_: Call, done: Done) => done(null, { live: true }),
    ServerReady: (_: Call, done: Done) => done(null, { ready: false }),
    ModelConfig: (_: Call, done: Done) =>
      done(null, {
        config: { name: 'm', max_batch_size: 8, input: [{ name: 'x', data_type: 'TYPE_FP32', dims: [-1] }] },
      }),
    ModelStatistics: (_: Call, done: Done) =>
      done(null, { model_stats: [{ name: 'm', version: '1', inference_stats: { queue: { count: 1, ns: 7 } } }] }),
    RepositoryIndex: (_: Call, done: Done) => done(null, { models: [{ name: 'm', version: '1', state: 'READY' }] }),
    RepositoryModelUnload: (call: grpc.ServerUnaryCall<{ parameters: unknown }, unknown>, done: Done) =>
      done(JSON.stringify(call.request.parameters).includes('"bool_param":true') ? null : { code: 3 }, {}),
  });
  const client = clientOf(url);
  expect([await client.live(), await client.ready()]).toEqual([
    { ok: true, value: true },
    { ok: true, value: false },
  ]);
  expect(await client.modelConfig('m')).toMatchObject({
    ok: true,
    value: { name: 'm', max_batch_size: 8, input: [{ name: 'x', data_type: 'TYPE_FP32', dims: ['-1'] }] },
  });
  expect(await client.statistics()).toMatchObject({
    ok: true,
    value: [{ name: 'm', inference_stats: { queue: { count: 1, ns: 7 }, fail: { count: 0, ns: 0 } } }],
  });
  expect(await client.repositoryIndex()).toEqual({
    ok: true,
    value: [{ name: 'm', version: '1', state: 'READY', reason: '' }],
  });
  expect(await client.unloadModel('m', { dependents: true })).toEqual({ ok: true, value: undefined });
});
