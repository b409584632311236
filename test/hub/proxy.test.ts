import { connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commitOf } from '../../src/hub/repository.js';
import { hubSettings } from '../../src/hub/settings.js';
import { HubServer } from '../support/hub-server.js';
import { textOf } from './support.js';

const server = new HubServer();
/** What was asked of the proxy: the first line of each connection. */
const asked: string[] = [];
/** Connects wherever it is asked to, as https proxies do. */
const proxy: Server = createServer(client => {
  client.on('error', () => undefined);
  client.once('data', head => {
    const [line] = head.toString().split('\r\n');
    asked.push(line!);
    const [, host, port] = /^CONNECT ([^:]+):(\d+)/.exec(line!) ?? [];
    const target = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    target.on('error', () => client.destroy());
  });
});

beforeAll(async () => {
  await server.start();
  await new Promise<void>(done => proxy.listen(0, '127.0.0.1', done));
});
afterAll(async () => {
  delete process.env.http_proxy;
  await server.stop();
  await new Promise(done => proxy.close(done));
});

test('what the environment says of a proxy is honoured', async () => {
  const commit = server.publish('org/name', 'main', { 'config.json': { bytes: Buffer.from('{}'), lfs: false } });
  process.env.http_proxy = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`;
  process.env.HF_ENDPOINT = server.endpoint;
  const settings = hubSettings();
  delete process.env.HF_ENDPOINT;
  expect(settings.proxied).toBe(true);
  const answer = await commitOf(settings, { repository: 'org/name', revision: 'main' });
  expect(answer.ok ? answer.value : textOf(answer, server)).toBe(commit);
  expect(asked).toEqual([`CONNECT ${new URL(server.endpoint).host} HTTP/1.1`]);
});
