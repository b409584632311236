import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HubSettings } from '../../src/hub/settings.js';
import { openSnapshot, type Pin, type Snapshot } from '../../src/hub/snapshot.js';
import { type HubFile, HubServer } from '../support/hub-server.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { bytesOf, settingsFor, textOf } from './support.js';

const server = new HubServer();
const temporary = temporaryFolders();
let cacheDirectory: string;

const text = (content: string | object): HubFile => ({
  bytes: Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)),
  lfs: false,
});
const large = (length: number, seed = 1): HubFile => ({ bytes: bytesOf(length, seed), lfs: true });
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const PLAIN = {
  '.gitattributes': text('*.safetensors filter=lfs'),
  'README.md': text('# A model'),
  'config.json': text({ model_type: 'bert', architectures: ['BertForSequenceClassification'] }),
  'model.safetensors': large(5000),
  'pytorch_model.bin': large(5000, 2),
  'tokenizer.json': large(2000, 3),
  'training_args.bin': large(10, 4),
  'onnx/model.onnx': large(100, 5),
};

beforeAll(() => server.start());
afterAll(() => server.stop());
beforeEach(() => {
  cacheDirectory = temporary();
  server.requests.length = 0;
  server.faults.clear();
  server.revisions.clear();
  server.gated.clear();
});

const open = (changes: { revision?: string; pin?: Pin } = {}, settings: Partial<HubSettings> = {}) =>
  openSnapshot(settingsFor(server, settings), {
    repository: 'org/name',
    revision: 'main',
    known: ['tokenizer.json', 'tokenizer_config.json'],
    cacheDirectory,
    ...changes,
  });

async function opened(...given: Parameters<typeof open>): Promise<Snapshot> {
  const snapshot = await open(...given);
  if (!snapshot.ok) throw new Error(textOf(snapshot, server));
  return snapshot.value;
}

const failed = async (...given: Parameters<typeof open>) => textOf(await open(...given), server);

const paths = (files: readonly { readonly path: string }[]) => files.map(({ path }) => path);

describe('what is chosen', () => {
  test('the metadata comes, the weights are only described', async () => {
    const commit = server.publish('org/name', 'main', PLAIN);
    const { folder, metadata, weights, revision, moving } = await opened();
    expect({ revision, moving }).toEqual({ revision: { repository: 'org/name', commit }, moving: true });
    expect(paths(metadata)).toEqual(['config.json', 'tokenizer.json']);
    for (const { path } of metadata) {
      expect(readFileSync(join(folder, path))).toEqual(Buffer.from(PLAIN[path as 'config.json'].bytes));
    }
    const digest = { kind: 'sha256', hex: sha256(PLAIN['model.safetensors'].bytes) };
    expect(weights).toEqual([{ path: 'model.safetensors', size: 5000, digest }]);
    expect(server.asked(/safetensors|\.bin|onnx/)).toEqual([]);
  });

  test('parts, by the index', async () => {
    const { 'model.safetensors': _, ...rest } = PLAIN;
    const weight_map = { a: 'model-00002-of-00002.safetensors', b: 'model-00001-of-00002.safetensors' };
    server.publish('org/name', 'main', {
      ...rest,
      'model.safetensors.index.json': text({ weight_map }),
      'model-00001-of-00002.safetensors': large(100, 6),
      'model-00002-of-00002.safetensors': large(200, 7),
      'model-00003-of-00003.safetensors': large(300, 8),
    });
    const { metadata, weights } = await opened();
    expect(paths(metadata)).toEqual(['config.json', 'model.safetensors.index.json', 'tokenizer.json']);
    expect(paths(weights)).toEqual(['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors']);
  });

  test('the modules of a sentence-transformers model, with their small weights', async () => {
    server.publish('org/name', 'main', {
      ...PLAIN,
      'modules.json': text([
        { path: '', type: 'sentence_transformers.models.Transformer' },
        { path: '1_Pooling', type: 'sentence_transformers.models.Pooling' },
        { path: '2_Dense', type: 'sentence_transformers.models.Dense' },
      ]),
      '1_Pooling/config.json': text({ pooling_mode: 'mean' }),
      '2_Dense/config.json': text({}),
      '2_Dense/model.safetensors': large(50, 9),
      '2_Dense/pytorch_model.bin': large(50, 10),
    });
    const { folder, metadata, weights } = await opened();
    expect(paths(metadata)).toEqual([
      'config.json',
      'modules.json',
      'tokenizer.json',
      '1_Pooling/config.json',
      '2_Dense/config.json',
      '2_Dense/model.safetensors',
    ]);
    expect(existsSync(join(folder, '2_Dense/model.safetensors'))).toBe(true);
    expect(paths(weights)).toEqual(['model.safetensors']);
  });

  test('weights so small that they are not in LFS have a sha256 too', async () => {
    const weights = bytesOf(60, 3);
    server.publish('org/name', 'main', { ...PLAIN, 'model.safetensors': { bytes: weights, lfs: false } });
    expect((await opened()).weights[0]!.digest).toEqual({ kind: 'sha256', hex: sha256(weights) });
  });

  test('a checkpoint that is only pickled is refused, with the way to convert it', async () => {
    const { 'model.safetensors': _, 'onnx/model.onnx': __, ...pickled } = PLAIN;
    const commit = server.publish('org/name', 'main', pickled);
    expect(
      await failed(),
    ).toBe(`error: weights-pickle: the checkpoint is pickled, which is never loaded: it can run any code
  where     hub:org/name@${commit}
  expected  model.safetensors
  found     pytorch_model.bin
  fix       convert it once: python -c "from transformers import BertForSequenceClassification; BertForSequenceClassification.from_pretrained('org/name').save_pretrained('org/name', safe_serialization=True)", and use source: './org/name'`);
  });

  test('an ONNX model with its data, where there are no safetensors', async () => {
    const { 'model.safetensors': _, ...rest } = PLAIN;
    server.publish('org/name', 'main', {
      ...rest,
      'onnx/model.onnx_data': large(30, 6),
      'onnx/model_fp16.onnx': large(40, 7),
      'onnx/model_quantized.onnx': large(50, 8),
    });
    const { weights, onnx } = await opened();
    expect([onnx, paths(weights)]).toEqual(['onnx/model.onnx', ['onnx/model.onnx', 'onnx/model.onnx_data']]);
  });

  test('an encoder and its merged decoder as ONNX files, with their data; not an encoder alone', async () => {
    const { 'model.safetensors': _, 'onnx/model.onnx': __, ...rest } = PLAIN;
    const files = {
      ...rest,
      'onnx/encoder_model.onnx': large(30, 6),
      'onnx/encoder_model.onnx_data': large(40, 7),
      'onnx/decoder_model_merged.onnx': large(50, 8),
      'onnx/decoder_with_past_model.onnx': large(60, 9),
    };
    server.publish('org/name', 'main', files);
    const { weights, onnx } = await opened();
    expect(onnx).toBe('onnx/encoder_model.onnx');
    expect(paths(weights).sort()).toEqual([
      'onnx/decoder_model_merged.onnx',
      'onnx/encoder_model.onnx',
      'onnx/encoder_model.onnx_data',
    ]);
    const { 'onnx/decoder_model_merged.onnx': ___, ...alone } = files;
    server.publish('org/name', 'main', alone);
    const refusal = await failed();
    expect(refusal).toContain('onnx-decoder-missing: the decoder that belongs to the encoder does not exist');
    expect(refusal).toContain('onnx/decoder_model_merged.onnx');
    expect(refusal).toContain('decoder_with_past_model.onnx');
  });

  test('an index that lists what is not there', async () => {
    const { 'model.safetensors': _, ...rest } = PLAIN;
    const index = text({ weight_map: { a: 'model-00001-of-00001.safetensors' } });
    const commit = server.publish('org/name', 'main', { ...rest, 'model.safetensors.index.json': index });
    expect(await failed()).toContain(`error: shard-missing: a weight file that the index lists does not exist
  where     hub:org/name@${commit}: model.safetensors.index.json
  expected  model-00001-of-00001.safetensors
`);
  });
});

describe('what is asked', () => {
  test('a second time: only where the branch is', async () => {
    server.publish('org/name', 'main', PLAIN);
    const first = await opened();
    server.requests.length = 0;
    expect(await opened()).toEqual(first);
    expect(server.requests.map(({ path }) => path.split('?')[0])).toEqual(['/api/models/org/name/revision/main']);
  });

  test('a commit, a second time: nothing', async () => {
    const commit = server.publish('org/name', 'main', PLAIN);
    const first = await opened({ revision: commit });
    expect(first.moving).toBe(false);
    expect(server.asked(/\/revision\//)).toEqual([]);
    server.requests.length = 0;
    expect(await opened({ revision: commit })).toEqual(first);
    expect(server.requests).toEqual([]);
  });

  test('a pinned model, on another machine: only the files themselves', async () => {
    const commit = server.publish('org/name', 'main', PLAIN);
    server.publish('org/name', 'main', { ...PLAIN, 'config.json': text({ model_type: 'other' }) });
    const names = ['config.json', 'model.safetensors', 'tokenizer.json'] as const;
    const files = Object.fromEntries(
      names.map(name => [name, { sha256: sha256(PLAIN[name].bytes), size: PLAIN[name].bytes.length }]),
    );
    const { revision, moving, weights } = await opened({ pin: { commit, files } });
    expect({ commit: revision.commit, moving }).toEqual({ commit, moving: false });
    expect(paths(weights)).toEqual(['model.safetensors']);
    expect(server.asked(/^\/api\//)).toEqual([]);
  });

  test('a pinned file that has other bytes than td.lock says is refused', async () => {
    const commit = server.publish('org/name', 'main', PLAIN);
    const files = { 'config.json': { sha256: '0'.repeat(64), size: PLAIN['config.json'].bytes.length } };
    expect(
      await failed({ pin: { commit, files } }),
    ).toContain(`error: hub-wrong-bytes: a downloaded file is not what the Hub says it is
  where     hub:org/name@${commit}: config.json
  expected  sha256 ${'0'.repeat(64)}
  found     ${sha256(PLAIN['config.json'].bytes)}`);
  });

  test('metadata that was changed on the disk is brought again', async () => {
    const commit = server.publish('org/name', 'main', PLAIN);
    const { folder } = await opened({ revision: commit });
    const config = readFileSync(join(folder, 'config.json'), 'utf8');
    writeFileSync(join(folder, 'config.json'), config.replace('bert', 'tert'));
    await opened({ revision: commit });
    expect(readFileSync(join(folder, 'config.json'), 'utf8')).toBe(config);
  });

  test('nothing that huggingface_hub has downloaded, and only what is intact there', async () => {
    const commit = server.publish('org/name', 'main', PLAIN);
    const localCache = temporary();
    const at = join(localCache, 'models--org--name/snapshots', commit);
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, 'config.json'), PLAIN['config.json'].bytes);
    writeFileSync(join(at, 'tokenizer.json'), bytesOf(2000, 99));
    const { folder } = await opened({}, { localCache });
    expect(server.asked(/resolve/).map(({ path }) => path)).toEqual([`/org/name/resolve/${commit}/tokenizer.json`]);
    expect(readFileSync(join(folder, 'tokenizer.json'))).toEqual(Buffer.from(PLAIN['tokenizer.json'].bytes));
  });

  test('offline: what was seen last is taken, and nothing is asked', async () => {
    server.publish('org/name', 'main', PLAIN);
    const first = await opened();
    server.requests.length = 0;
    expect(await opened({}, { offline: true })).toEqual(first);
    expect(server.requests).toEqual([]);
  });
});

describe('refusals', () => {
  test('offline, and never seen', async () => {
    expect(
      await failed({}, { offline: true }),
    ).toBe(`error: hub-offline: the commit of this revision is not here, and HF_HUB_OFFLINE forbids to ask for it
  where     hub:org/name@main
  fix       unset HF_HUB_OFFLINE for one build; afterwards it is in the cache`);
  });

  test('no such model', async () => {
    expect(await failed()).toBe(`error: hub-model-missing: there is no such model on the Hub, or it is private
  where     hub:org/name@main
  found     HTTP 401 RepoNotFound, and no token
  fix       check the name at https://hub/org/name; for a private model set HF_TOKEN`);
  });

  test('no such model for this token', async () => {
    expect(
      await failed({}, { token: 'hf_right' }),
    ).toBe(`error: hub-model-missing: there is no such model on the Hub, or it is private
  where     hub:org/name@main
  found     HTTP 404 RepoNotFound, with a token
  fix       check the name at https://hub/org/name, and that the token may read it`);
  });

  test('a token that is no longer valid, and is not shown', async () => {
    server.publish('org/name', 'main', PLAIN);
    const text = await failed({}, { token: 'hf_secret' });
    expect(text).toBe(`error: hub-token-refused: the Hub refuses the token
  where     hub:org/name@main
  expected  a token that may read org/name
  found     HTTP 401
  fix       make one at https://hub/settings/tokens and set HF_TOKEN`);
    expect(text).not.toContain('hf_secret');
  });

  test('gated', async () => {
    const commit = server.publish('org/name', 'main', PLAIN);
    server.gated.add('org/name');
    expect(await failed()).toBe(`error: hub-gated: the authors of this model want to know who uses it
  where     hub:org/name@${commit}: config.json
  expected  a token of an account that was granted access
  found     HTTP 401 GatedRepo, and no token
  fix       ask for access at https://hub/org/name, then set HF_TOKEN`);
    expect((await open({}, { token: 'hf_right' })).ok).toBe(true);
  });

  test('no such revision', async () => {
    server.publish('org/name', 'main', PLAIN);
    expect(await failed({ revision: 'v9' })).toBe(`error: hub-revision-missing: the model has no such revision
  where     hub:org/name@v9
  expected  a branch, a tag or a full commit id
  found     v9
  fix       https://hub/org/name/tree/main lists them`);
  });

  test('a file that is gone', async () => {
    const commit = server.publish('org/name', 'main', PLAIN);
    const files = {
      'config.json': { sha256: '0'.repeat(64), size: 1 },
      'tokenizer.json': { sha256: '1'.repeat(64), size: 1 },
    };
    server.commits.set(`org/name@${commit}`, { files: {} });
    expect(
      await failed({ pin: { commit, files } }),
    ).toBe(`error: hub-file-missing: the model has no such file at this commit
  where     hub:org/name@${commit}: config.json
  found     HTTP 404 EntryNotFound
  fix       td lock pins what is there now`);
  });

  test('the server is down', async () => {
    server.publish('org/name', 'main', PLAIN);
    server.fail('revision', ...Array.from({ length: 3 }, () => ({ kind: 'status', status: 500 }) as const));
    expect(await failed()).toContain(
      'error: hub-unavailable: the Hub does not answer as it should\n  where     hub:org/name@main\n  found     HTTP 500\n',
    );
  });

  test('another server than the Hub', async () => {
    server.publish('org/name', 'main', { ...PLAIN, '../../outside': text('x') });
    expect(await failed()).toContain('error: hub-answer-malformed: the server does not answer as the Hub does\n');
  });
});
