import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hubSettings } from '../../src/hub/settings.js';
import { temporaryFolders } from '../support/temporary-folders.js';

const temporary = temporaryFolders();

test('the variables of huggingface_hub', () => {
  const home = temporary();
  writeFileSync(join(home, 'token'), 'hf_from_file\n');
  expect(hubSettings({ HF_HOME: home })).toMatchObject({
    endpoint: 'https://huggingface.co',
    token: 'hf_from_file',
    offline: false,
    timeoutMilliseconds: 10_000,
    localCache: join(home, 'hub'),
    proxied: false,
  });
  expect(
    hubSettings({
      HF_HOME: home,
      HF_TOKEN: 'hf_given',
      HF_ENDPOINT: 'https://mirror.example/',
      HF_HUB_OFFLINE: '1',
      HF_HUB_DOWNLOAD_TIMEOUT: '30',
      HF_HUB_CACHE: '/somewhere',
      https_proxy: 'http://proxy:3128',
    }),
  ).toMatchObject({
    endpoint: 'https://mirror.example',
    token: 'hf_given',
    offline: true,
    timeoutMilliseconds: 30_000,
    localCache: '/somewhere',
    proxied: true,
  });
});

test.each(['1', 'ON', 'yes', 'True'])('HF_HUB_OFFLINE=%s is offline', HF_HUB_OFFLINE => {
  expect(hubSettings({ HF_HUB_OFFLINE }).offline).toBe(true);
});

test.each(['', '0', 'false', 'no'])('HF_HUB_OFFLINE=%s is not', HF_HUB_OFFLINE => {
  expect(hubSettings({ HF_HUB_OFFLINE }).offline).toBe(false);
});

test('without a home of its own, XDG_CACHE_HOME is followed; no token is no token', () => {
  const cache = temporary();
  mkdirSync(join(cache, 'huggingface'));
  const settings = hubSettings({ XDG_CACHE_HOME: cache });
  expect(settings.localCache).toBe(join(cache, 'huggingface/hub'));
  expect('token' in settings).toBe(false);
});
