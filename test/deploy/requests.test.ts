import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import grpc from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestFiles, type ServedModel } from '../../src/deploy/requests.js';
import { inferRequestFromMessage } from '../../src/kserve/grpc-messages.js';
import { inferenceService } from '../../src/kserve/grpc-service.js';
import { readInferRequest } from '../../src/kserve/http-body.js';
import { type RunningServer, serve } from '../../src/serve/serve.js';
import { readModelConfig } from '../../src/triton/pbtxt-read.js';
import { ENSEMBLE, intentsRepository } from '../serve/intents-repository.js';

const textOf = (content: string | Uint8Array): string =>
  typeof content === 'string' ? content : Buffer.from(content).toString('utf8');

/** The models of a repository's folder. */
function modelsIn(folder: string): ServedModel[] {
  return readdirSync(folder).map(name => {
    const config = readModelConfig(readFileSync(join(folder, name, 'config.pbtxt'), 'utf8'));
    if (!config.ok) throw new Error(config.error.message);
    return { config: config.value, settings: {} };
  });
}

describe('the example', () => {
  let repository: Awaited<ReturnType<typeof intentsRepository>>;
  let server: RunningServer;
  let files: ReadonlyMap<string, string | Uint8Array>;
  beforeAll(async () => {
    repository = await intentsRepository();
    const started = await serve({
      repository: { folder: repository.folder, control: 'none', load: [] },
      host: '127.0.0.1',
      ports: { http: 0, grpc: 0, metrics: 0 },
      version: '0.0.0',
    });
    if (!started.ok) throw new Error(started.error.message);
    server = started.value;
    files = new Map(requestFiles(modelsIn(repository.folder)).map(({ path, content }) => [path, content]));
  });
  afterAll(async () => {
    await server.stop();
    repository.remove();
  });

  test('of the models, only the one that clients call has requests', () => {
    expect([...files.keys()]).toEqual([
      'requests/inference.proto',
      ...['request.json', 'request.bin', 'grpc.json', 'curl.sh'].map(file => `requests/${ENSEMBLE}/${file}`),
    ]);
  });

  test('all three forms say the same', () => {
    const content = (file: string) => files.get(`requests/${ENSEMBLE}/${file}`)!;
    const length = Number(/Content-Length: (\d+)/.exec(textOf(content('curl.sh')))![1]);
    const json = readInferRequest(Buffer.from(content('request.json')));
    const binary = readInferRequest(Buffer.from(content('request.bin')), length);
    const { raw_input_contents: raw, ...message } = JSON.parse(textOf(content('grpc.json')));
    const message_ = { ...message, raw_input_contents: raw.map((text: string) => Buffer.from(text, 'base64')) };
    const overGrpc = inferRequestFromMessage(message_);
    if (!json.ok || !binary.ok || !overGrpc.ok) throw new Error('unreadable');
    const plain = ({ inputs }: typeof json.value) => inputs.map(input => ({ ...input, data: input.data.toString() }));
    expect(plain(binary.value)).toEqual(plain(json.value));
    expect(plain(overGrpc.value)).toEqual(plain(json.value));
    expect(binary.value.parameters).toEqual({ binary_data_output: true });
  });

  test('each is answered with 200', async () => {
    const url = `http://127.0.0.1:${server.ports.http}/v2/models/${ENSEMBLE}/infer`;
    const script = textOf(files.get(`requests/${ENSEMBLE}/curl.sh`)!);
    for (const file of ['request.json', 'request.bin']) {
      const line = script.split('\n').find(text => text.includes(`@${file}`))!;
      const headers = Object.fromEntries(
        [...line.matchAll(/--header '([^:]+): ([^']+)'/g)].map(([, name, value]) => [name!, value!]),
      );
      const body = Buffer.from(files.get(`requests/${ENSEMBLE}/${file}`)!);
      const response = await fetch(url, { method: 'POST', headers, body });
      expect([file, response.status]).toEqual([file, 200]);
    }
  });

  test('over gRPC, with the JSON that grpcurl takes', async () => {
    const Client = grpc.makeGenericClientConstructor(await inferenceService(), 'GRPCInferenceService');
    const client = new Client(`127.0.0.1:${server.ports.grpc}`, grpc.credentials.createInsecure());
    // proto-loader takes base64 for bytes, as protobuf's JSON does.
    const message = JSON.parse(textOf(files.get(`requests/${ENSEMBLE}/grpc.json`)!));
    const response = await new Promise<{ outputs: { name: string }[] }>((resolve, reject) =>
      client.ModelInfer!(message, (error: Error | null, reply: never) => (error ? reject(error) : resolve(reply))),
    );
    expect(response.outputs.map(({ name }) => name)).toEqual(['logits']);
    client.close();
  });
});

describe('other models', () => {
  const filesOf = (model: ServedModel) =>
    new Map(requestFiles([model]).map(({ path, content }) => [path.replace(/^.*\//, ''), textOf(content)]));
  const text = { name: 'TEXT', data_type: 'TYPE_STRING', dims: [1] } as const;

  test('a mask is the tokenizer’s own', () => {
    const files = filesOf({
      config: { name: 'm', max_batch_size: 4, input: [text] },
      settings: { mask_token: '<mask>' },
    });
    expect(files.get('request.json')).toContain('The parcel is in <mask> now.');
  });

  test('several labels where any number is taken; none batched where the server makes no batches', () => {
    const labels = { name: 'CANDIDATE_LABELS', data_type: 'TYPE_STRING', dims: [-1] } as const;
    const shapes = (max_batch_size: number) =>
      JSON.parse(
        filesOf({ config: { name: 'm', max_batch_size, input: [text, labels] }, settings: {} }).get('request.json')!,
      ).inputs.map(({ shape }: { shape: number[] }) => shape);
    expect(shapes(4)).toEqual([
      [1, 1],
      [1, 3],
    ]);
    expect(shapes(0)).toEqual([[1], [3]]);
  });

  test('one that answers in pieces is asked for a stream', () => {
    const files = filesOf({
      config: {
        name: 'm',
        model_transaction_policy: { decoupled: true },
        input: [
          { name: 'text_input', data_type: 'TYPE_STRING', dims: [1] },
          { name: 'max_tokens', data_type: 'TYPE_INT32', dims: [1], optional: true },
          { name: 'stream', data_type: 'TYPE_BOOL', dims: [1], optional: true },
        ],
      },
      settings: {},
    });
    expect([...files.keys()]).toEqual(['inference.proto', 'generate.json', 'grpc.json', 'curl.sh']);
    expect(JSON.parse(files.get('generate.json')!)).toEqual({ text_input: 'Once upon a time', stream: true });
    expect(files.get('curl.sh')).toContain('/v2/models/m/generate_stream"');
    expect(files.get('curl.sh')).toContain('ModelStreamInfer');
  });
});
