import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { downloadFile } from '../../src/hub/download.js';
import type { RemoteFile } from '../../src/hub/remote-file.js';
import { ask } from '../../src/hub/request.js';
import type { HubSettings } from '../../src/hub/settings.js';
import { HubServer } from '../support/hub-server.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { bytesOf, settingsFor, textOf } from './support.js';

const SIZE = 300_000;
const bytes = bytesOf(SIZE);
const WEIGHTS: RemoteFile = {
  path: 'model.safetensors',
  size: SIZE,
  digest: { kind: 'sha256', hex: createHash('sha256').update(bytes).digest('hex') },
};

const server = new HubServer();
const temporary = temporaryFolders();
let commit: string;
let folder: string;

beforeAll(async () => {
  await server.start();
  commit = server.publish('org/name', 'main', {
    'model.safetensors': { bytes, lfs: true },
    'config.json': { bytes: Buffer.from('{}\n'), lfs: false },
  });
});
afterAll(() => server.stop());
beforeEach(() => {
  folder = temporary();
  server.requests.length = 0;
  server.faults.clear();
});

const target = () => join(folder, 'out', 'model.safetensors');
const partial = () => join(folder, 'partial', `${WEIGHTS.digest.hex}.partial`);

async function download(
  changes: Partial<HubSettings> = {},
  file = WEIGHTS,
  onBytes = (_have: number): void => undefined,
) {
  const revision = { repository: 'org/name', commit };
  const options = { revision, file, partials: join(folder, 'partial'), target: target(), onBytes };
  return textOf(await downloadFile(settingsFor(server, changes), options), server);
}

const ranges = () =>
  server.asked(/model\.safetensors/).flatMap(({ range, path }) => (path.includes('resolve') ? [range] : []));
/** The first byte that each request asked for. */
const starts = () => ranges().map(range => Number(/\d+/.exec(range ?? '0')![0]));
const arrived = () => existsSync(target()) && Buffer.compare(readFileSync(target()), bytes) === 0;

describe('a file arrives whole', () => {
  test('from another server than the Hub, which is never shown the token', async () => {
    const seen: number[] = [];
    expect(await download({ token: 'hf_right' }, WEIGHTS, have => seen.push(have))).toBe('ok');
    expect(arrived()).toBe(true);
    expect(seen.at(-1)).toBe(SIZE);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(server.requests.map(({ path, authorization }) => [path, authorization])).toEqual([
      [`/org/name/resolve/${commit}/model.safetensors`, 'Bearer hf_right'],
      [`/org/name/${commit}/model.safetensors`, undefined],
    ]);
    expect(readdirSync(join(folder, 'partial'))).toEqual([]);
  });

  test('after connections that broke, from where each ended', async () => {
    server.fail('model.safetensors', { kind: 'drop', after: 100_000 }, { kind: 'drop', after: 50_000 });
    expect(await download()).toBe('ok');
    expect(arrived()).toBe(true);
    const [first, second, third, ...more] = starts();
    expect([first, more]).toEqual([0, []]);
    expect(second).toBeGreaterThan(0);
    expect(second).toBeLessThanOrEqual(100_000);
    expect(third).toBeGreaterThan(second!);
    expect(third).toBeLessThanOrEqual(second! + 50_000);
  });

  test('however often it breaks, as long as it grows', async () => {
    server.fail('model.safetensors', ...Array.from({ length: 7 }, () => ({ kind: 'drop', after: 30_000 }) as const));
    expect(await download()).toBe('ok');
    expect(arrived()).toBe(true);
  });

  test('in a later process, from where the earlier one ended', async () => {
    mkdirSync(join(folder, 'partial'));
    writeFileSync(partial(), bytes.subarray(0, 123_456));
    expect(await download()).toBe('ok');
    expect(arrived()).toBe(true);
    expect(ranges()).toEqual(['bytes=123456-']);
  });

  test('when all of it came and only the last step was missing: nothing is asked', async () => {
    mkdirSync(join(folder, 'partial'));
    writeFileSync(partial(), bytes);
    expect(await download()).toBe('ok');
    expect(arrived()).toBe(true);
    expect(server.requests).toEqual([]);
  });

  test('when what an earlier process left is wrong', async () => {
    mkdirSync(join(folder, 'partial'));
    writeFileSync(partial(), bytesOf(200_000, 7));
    expect(await download()).toBe('ok');
    expect(arrived()).toBe(true);
    expect(ranges()).toEqual(['bytes=200000-', undefined]);
  });

  test('when what an earlier process left is too long', async () => {
    mkdirSync(join(folder, 'partial'));
    writeFileSync(partial(), bytesOf(SIZE + 1));
    expect(await download()).toBe('ok');
    expect(arrived()).toBe(true);
    expect(ranges()).toEqual([undefined]);
  });

  test('from a mirror that knows no ranges', async () => {
    server.fail('model.safetensors', { kind: 'drop', after: 100_000 }, { kind: 'no-range' });
    const seen: number[] = [];
    expect(await download({}, WEIGHTS, have => seen.push(have))).toBe('ok');
    expect(arrived()).toBe(true);
    expect(seen.at(-1)).toBe(SIZE);
    const [first, second, ...more] = starts();
    expect([first, more]).toEqual([0, []]);
    expect(second).toBeGreaterThan(0);
  });

  test('slowly, for longer than one may be silent', async () => {
    server.fail('model.safetensors', { kind: 'slow', milliseconds: 150 });
    expect(await download()).toBe('ok');
    expect(arrived()).toBe(true);
    expect(ranges()).toEqual([undefined]);
  });

  test('and no other server is shown the token, not even one that an answer names', async () => {
    const settings = settingsFor(server, { endpoint: 'https://hub.example', token: 'hf_right' });
    const url = `${server.endpoint}/org/name/resolve/${commit}/config.json`;
    const attempt = await ask(settings, url, { repository: 'org/name', revision: commit });
    if (attempt.status === 'done') attempt.value.end();
    expect(attempt.status).toBe('done');
    expect(server.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
  });

  test('after the server was busy, and asked for a pause', async () => {
    server.fail(
      'model.safetensors',
      { kind: 'status', status: 503 },
      { kind: 'status', status: 429, headers: { 'retry-after': '1' } },
    );
    const started = performance.now();
    expect(await download()).toBe('ok');
    expect(performance.now() - started).toBeGreaterThanOrEqual(990);
  });

  test('in two builds at the same time: it is downloaded once', async () => {
    const both = await Promise.all([download(), download()]);
    expect(both.sort()).toEqual(['ok', 'ok']);
    expect(arrived()).toBe(true);
  });

  test('a small file is what git knows', async () => {
    const config: RemoteFile = {
      path: 'config.json',
      size: 3,
      digest: { kind: 'git', hex: '0967ef424bce6791893e9a57bb952f80fd536e93' },
    };
    expect(await download({}, config)).toBe('ok');
    expect(readFileSync(target(), 'utf8')).toBe('{}\n');
  });
});

describe('what goes wrong is told, and nothing is left at the target', () => {
  const TRY_LATER = 'try again later: what has come is kept, and the download goes on from there';
  const place = () => `hub:org/name@${commit}: model.safetensors`;

  test('other bytes: at once, since they came in one go', async () => {
    server.fail('model.safetensors', { kind: 'flip' });
    const text = await download();
    expect(text).toContain(`error: hub-wrong-bytes: a downloaded file is not what the Hub says it is
  where     ${place()}
  expected  sha256 ${WEIGHTS.digest.hex}
  found     `);
    expect(existsSync(target())).toBe(false);
    expect(readFileSync(partial()).length).toBe(0);
  });

  test('more bytes than it has', async () => {
    server.fail('model.safetensors', { kind: 'long' });
    expect(await download()).toContain(`  expected  ${SIZE} bytes\n  found     more\n`);
    expect(existsSync(target())).toBe(false);
  });

  test('it ends too early, again and again', async () => {
    server.fail(
      'model.safetensors',
      { kind: 'short', after: 1000 },
      ...Array.from({ length: 3 }, () => ({ kind: 'short', after: 0 }) as const),
    );
    expect(await download()).toBe(`error: hub-cut-short: the download ended before the file was whole
  where     ${place()}
  expected  ${SIZE} bytes
  found     1000 bytes
  fix       ${TRY_LATER}`);
    expect(readFileSync(partial()).length).toBe(1000);
  });

  test('it stops in the middle', async () => {
    server.fail('model.safetensors', ...Array.from({ length: 4 }, () => ({ kind: 'stall', after: 0 }) as const));
    expect(await download()).toBe(`error: hub-stalled: the Hub stopped sending
  where     ${place()}
  found     no byte for 0.4 s
  fix       ${TRY_LATER}; HF_HUB_DOWNLOAD_TIMEOUT sets the seconds`);
  });

  test('asked too often, for longer than one waits', async () => {
    server.fail('model.safetensors', { kind: 'status', status: 429, headers: { 'retry-after': '3600' } });
    expect(await download()).toBe(`error: hub-rate-limited: the Hub is asked too often from here
  where     ${place()}
  found     HTTP 429, for another 3600 seconds
  fix       set HF_TOKEN, which raises the limit, or try again later`);
  });

  test('no server there', async () => {
    expect(await download({ endpoint: 'http://127.0.0.1:9' })).toContain(
      'error: hub-unreachable: the Hub cannot be reached',
    );
  });

  test('offline', async () => {
    expect(
      await download({ offline: true }),
    ).toBe(`error: hub-offline: a file of the model is not here, and HF_HUB_OFFLINE forbids to ask for it
  where     ${place()}
  fix       unset HF_HUB_OFFLINE for one build; afterwards it is in the cache`);
    expect(server.requests).toEqual([]);
  });

  test('a disk that is too small, before the first byte', async () => {
    const huge = { ...WEIGHTS, size: 1e18 };
    expect(await download({}, huge)).toContain(`error: disk-full: no space left for a download
  where     ${join(folder, 'partial')}
  expected  1000000 TB free
  found     `);
    expect(server.requests).toEqual([]);
  });

  test('interrupted: what has come is kept', async () => {
    server.fail('model.safetensors', { kind: 'stall', after: 70_000 });
    const controller = new AbortController();
    const revision = { repository: 'org/name', commit };
    const options = {
      revision,
      file: WEIGHTS,
      partials: join(folder, 'partial'),
      target: target(),
      signal: controller.signal,
    };
    const started = downloadFile(settingsFor(server, { timeoutMilliseconds: 60_000 }), {
      ...options,
      onBytes: have => have === 70_000 && controller.abort(),
    });
    expect(textOf(await started, server)).toBe('error: interrupted: interrupted');
    expect(readFileSync(partial()).length).toBe(70_000);
    expect(existsSync(`${partial()}.lock`)).toBe(false);
  });
});
