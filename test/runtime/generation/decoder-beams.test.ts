import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { generate } from '../../../src/runtime/generation/generate.js';
import { sessionDecoder } from '../../../src/runtime/generation/session-decoder.js';
import { DEFAULT_SETTINGS, overrideSettings } from '../../../src/runtime/generation/settings.js';
import { exported } from '../../support/exported.js';
import { readReference } from '../../support/reference.js';
import { temporaryFolders } from '../../support/temporary-folders.js';

const folder = temporaryFolders();

interface BeamSearch {
  readonly note: string;
  readonly prompts: readonly (readonly number[])[];
  readonly settings: Readonly<Record<string, unknown>>;
  /** For each prompt, its texts from the best on, up to the end token where there is one. */
  readonly new_ids: readonly (readonly (readonly number[])[])[];
  readonly scores: readonly (readonly number[])[];
}

/** What `generate()` of transformers 5 finds for each prompt alone, in float64, on the checkpoints of test/reference. */
const searches = JSON.parse(
  readFileSync(fileURLToPath(new URL('decoder-beams.json', import.meta.url)), 'utf8'),
) as Readonly<Record<string, readonly BeamSearch[]>>;

test('some of them end before the others', () => {
  const lengths = Object.values(searches).flatMap(runs =>
    runs.flatMap(({ new_ids }) => new_ids.flat().map(ids => ids.length)),
  );
  expect(lengths.filter(length => length < 10).length).toBeGreaterThan(5);
  expect(lengths.filter(length => length === 10).length).toBeGreaterThan(5);
});

describe.each(Object.keys(searches))('beams of %s', name => {
  test('are those of PyTorch, token for token, and so are their scores', async () => {
    const reference = readReference(name);
    const session = await exported(reference.folder, reference.task, folder());
    const decoder = sessionDecoder(session, name);
    if (!decoder.ok) throw new Error(JSON.stringify(decoder.error));
    for (const { note, prompts, settings, new_ids, scores } of searches[name]!) {
      const read = overrideSettings(DEFAULT_SETTINGS, settings, note);
      if (!read.ok) throw new Error(JSON.stringify(read.error));
      // Here they are one batch, padded on the left.
      const found = await generate(decoder.value, prompts, read.value);
      if (!found.ok) throw new Error(JSON.stringify(found.error));
      expect(
        found.value.map(texts => texts.map(({ tokens }) => tokens)),
        note,
      ).toEqual(new_ids);
      for (const [prompt, texts] of found.value.entries()) {
        for (const [rank, { score }] of texts.entries()) {
          expect(Math.abs(score! - scores[prompt]![rank]!), note).toBeLessThan(1e-4);
        }
      }
    }
    await session.release();
  });
});
