import grpc from '@grpc/grpc-js';
import { expect } from 'vitest';
import type { InferRequestMessage, InferResponseMessage } from '../../src/kserve/grpc-messages.js';
import { inferenceService } from '../../src/kserve/grpc-service.js';
import { GrpcServer } from '../../src/serve/grpc/server.js';
import type { ServedVersion } from '../../src/serve/served-version.js';
import { repositoryOf } from './support.js';

export type Reply = { readonly value: InferResponseMessage } | { readonly code: string; readonly details: string };

export interface StreamResponse {
  readonly error_message?: string;
  readonly infer_response?: InferResponseMessage;
}

export const LIMIT = 1 << 16;

/** A server over gRPC and what a test calls of it. */
export class GrpcCalls {
  private constructor(
    private readonly server: GrpcServer,
    readonly port: number,
    private readonly client: grpc.Client & Record<string, (...parameters: unknown[]) => unknown>,
  ) {}

  static async of(...models: readonly ServedVersion[]): Promise<GrpcCalls> {
    const repository = repositoryOf(...models);
    const server = new GrpcServer({ repository, version: '1.2.3', maxBytes: LIMIT, isStopping: () => false });
    const port = await server.listen(0, '127.0.0.1');
    const Client = grpc.makeGenericClientConstructor(await inferenceService(), 'GRPCInferenceService');
    const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    return new GrpcCalls(server, port, client as unknown as GrpcCalls['client']); // made from the .proto
  }

  /** One call of a method, to its answer or its status. */
  ask(method: string, message: object, options: object = {}): Promise<Reply> {
    return new Promise(resolve => {
      this.client[method]!(message, options, (error: grpc.ServiceError | null, value: InferResponseMessage) =>
        resolve(error ? { code: grpc.status[error.code]!, details: error.details } : { value }),
      );
    });
  }

  /** What a stream answers to these messages, in order; the code with which it ends. */
  stream(messages: readonly object[], options: object = {}) {
    const call = this.client.ModelStreamInfer!(options) as grpc.ClientDuplexStream<object, StreamResponse>;
    const responses: StreamResponse[] = [];
    const ended = new Promise<{ responses: StreamResponse[]; code: string }>(resolve => {
      call.on('data', (response: StreamResponse) => responses.push(response));
      call.on('error', () => undefined);
      call.on('status', ({ code }: grpc.StatusObject) => resolve({ responses, code: grpc.status[code]! }));
    });
    for (const message of messages) call.write(message);
    return { call, ended };
  }

  /** A call whose request is bytes, whatever they are. */
  raw(path: string, message: Buffer): Promise<{ readonly code: string; readonly details: string }> {
    const same = (value: Buffer): Buffer => value;
    return new Promise(resolve => {
      this.client.makeUnaryRequest(path, same, same, message, (error: grpc.ServiceError | null) =>
        resolve({ code: grpc.status[error?.code ?? 0]!, details: error?.details ?? '' }),
      );
    });
  }

  /** The server answers as it should, whatever was asked before. */
  async expectAlive(): Promise<void> {
    expect(await this.ask('ModelInfer', GOOD)).toMatchObject({
      value: {
        model_name: 'echo',
        model_version: '1',
        outputs: [{ name: 'OUT', datatype: 'FP32', shape: ['1', '3'] }],
        raw_output_contents: [floats(1, 3, 2)],
      },
    });
  }

  async close(): Promise<void> {
    this.client.close();
    await this.server.close();
  }
}

export const floats = (...values: number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);
export const IN = { name: 'IN', datatype: 'FP32', shape: [1, 3] };
export const GOOD: InferRequestMessage = { model_name: 'echo', inputs: [IN], raw_input_contents: [floats(1, 3, 2)] };

export const bytes = (...parts: (number | string)[]): Buffer =>
  Buffer.concat(
    parts.map(part => {
      if (typeof part === 'string') return Buffer.from(part);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(part);
      return length;
    }),
  );
export const text = (raw: Buffer, shape: number[] = [1]): InferRequestMessage => ({
  model_name: 'text',
  inputs: [{ name: 'IN', datatype: 'BYTES', shape }],
  raw_input_contents: [raw],
});
export const input = (changes: object): InferRequestMessage => ({ ...GOOD, inputs: [{ ...IN, ...changes }] });
export const contents = (members: object, changes: object = {}): InferRequestMessage => ({
  model_name: 'echo',
  inputs: [{ ...IN, ...changes, contents: members as never }],
});
export const parameters = (given: InferRequestMessage['parameters']): InferRequestMessage => ({
  ...GOOD,
  parameters: given!,
});
