import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readWritingTokens } from '../../../src/runtime/generation/writing-tokens.js';
import { temporaryFolders } from '../../support/temporary-folders.js';

const newFolder = temporaryFolders();

/** What is read of a config.json, and of a generation_config.json if there is one. */
function read(config: unknown, generationConfig?: unknown) {
  const folder = newFolder();
  const written = (name: string, content: unknown): string => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const first = written('config.json', config);
  return readWritingTokens(
    first,
    generationConfig === undefined ? undefined : written('generation_config.json', generationConfig),
  );
}

test.each([
  [
    'all in config.json',
    { decoder_start_token_id: 2, forced_bos_token_id: 7, eos_token_id: 1 },
    undefined,
    { start: 2, forced: 7, ends: [1] },
  ],
  [
    'generation_config.json comes first',
    { decoder_start_token_id: 2, eos_token_id: 1 },
    { decoder_start_token_id: 5, eos_token_id: [3, 4] },
    { start: 5, ends: [3, 4] },
  ],
  [
    'what it does not say is in config.json',
    { decoder_start_token_id: 2, eos_token_id: 1 },
    { bos_token_id: 9, eos_token_id: null },
    { start: 2, ends: [1] },
  ],
  ['the beginning of texts, where a decoder has none of its own', { bos_token_id: 0 }, {}, { start: 0, ends: [] }],
  [
    '0 is a token',
    { decoder_start_token_id: 0, forced_bos_token_id: 0, bos_token_id: 4, eos_token_id: 0 },
    undefined,
    { start: 0, forced: 0, ends: [0] },
  ],
  ['null is none', { decoder_start_token_id: 2, forced_bos_token_id: null }, undefined, { start: 2, ends: [] }],
])('%s', async (_, config, generationConfig, tokens) => {
  expect(await read(config, generationConfig)).toEqual({ ok: true, value: tokens });
});

test('nothing to begin with', async () => {
  const found = await read({ eos_token_id: 1 }, {});
  expect(found).toMatchObject({
    error: {
      code: 'decoder-start-missing',
      message: 'nothing says what the decoder begins to write with',
      expected: 'decoder_start_token_id, or bos_token_id',
      fix: 'add "decoder_start_token_id" to config.json, with the value that the model was trained with',
    },
  });
});

test.each([['{'], ['[1'], ['null'], ['3']])('%s is no configuration', async text => {
  expect(await read(text)).toMatchObject({ error: { code: 'generation-config-invalid' } });
});
