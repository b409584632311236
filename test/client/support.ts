import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import grpc from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import type { ClientOptions } from '../../src/client/client.js';
import { TritonClient } from '../../src/client/client.js';
import type { WireTensor } from '../../src/kserve/datatypes.js';
import { inferenceService } from '../../src/kserve/grpc-service.js';
import { readInferRequest, writeInferResponse } from '../../src/kserve/http-body.js';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export type Answer = (response: ServerResponse, asked: Asked) => void;

/** A server over HTTP that answers as the test says, and remembers what it was asked. Closed after the test. */
export async function httpServer(answer: Answer): Promise<{ url: string; asked: Asked[]; server: Server }> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const one = {
      method: request.method!,
      path: request.url!,
      headers: request.headers,
      body: Buffer.concat(chunks),
    };
    asked.push(one);
    answer(response, one);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server };
}

/** A port on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}

/** A client with short pauses, closed after the test. */
export function clientOf(url: string, options: ClientOptions = {}): TritonClient {
  const client = new TritonClient(url, {
    ...options,
    retry: { firstPauseMilliseconds: 1, longestPauseMilliseconds: 2, ...options.retry },
  });
  onTestFinished(() => client.close());
  return client;
}

export const json = (response: ServerResponse, value: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
};

/** Gives every input back as an output of the same name, JSON or binary as asked. */
export const echo: Answer = (response, { headers, body }) => {
  const length = headers['inference-header-content-length'];
  const request = readInferRequest(body, length === undefined ? undefined : Number(length));
  if (!request.ok) return json(response, { error: request.error }, 400);
  const { id, inputs, outputs, parameters } = request.value;
  const wanted =
    outputs.length > 0 ? inputs.filter(({ name }) => outputs.some(output => output.name === name)) : inputs;
  const written = writeInferResponse(
    { modelName: 'echo', modelVersion: '1', ...(id === undefined ? {} : { id }), parameters: {}, outputs: wanted },
    name => outputs.find(output => output.name === name)?.binary ?? parameters.binary_data_output === true,
  );
  if (!written.ok) return json(response, { error: written.error }, 500);
  const { bytes, jsonLength } = written.value;
  response
    .writeHead(200, jsonLength === undefined ? {} : { 'inference-header-content-length': String(jsonLength) })
    .end(bytes);
};

export type GrpcHandlers = Partial<Record<string, grpc.UntypedHandleCall>>;

/** The same over gRPC; calls without a handler are UNIMPLEMENTED. */
export async function grpcServer(handlers: GrpcHandlers): Promise<{ url: string; server: grpc.Server }> {
  const server = new grpc.Server();
  server.addService(await inferenceService(), handlers as grpc.UntypedServiceImplementation);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  onTestFinished(() => server.forceShutdown());
  return { url: `grpc://127.0.0.1:${port}`, server };
}

export const floats = (name: string, values: readonly number[]): WireTensor => ({
  name,
  datatype: 'FP32',
  shape: [values.length],
  data: Float32Array.from(values),
});
