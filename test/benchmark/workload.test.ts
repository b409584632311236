import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { describeMachine, type Machine, warningsFor } from '../../src/benchmark/machine.js';
import { fixedLength, noiseWorkload, workloadOf } from '../../src/benchmark/workload.js';
import type { TensorDeclaration } from '../../src/runtime/session.js';
import { syntheticTexts } from '../../src/runtime/synthetic-texts.js';
import { loadTokenizer } from '../../src/runtime/tokenizer.js';

const checkpoint = fileURLToPath(new URL('../../examples/support-intents/model', import.meta.url));
const loaded = await loadTokenizer(checkpoint);
if (!loaded.ok) throw new Error(loaded.error.message);
const tokenizer = loaded.value;
const declared = (name: string, shape: readonly (string | number)[]): TensorDeclaration => ({
  name,
  dtype: name.startsWith('past') ? 'float32' : 'int64',
  shape,
});
const inputs = ['input_ids', 'attention_mask', 'token_type_ids'].map(name =>
  declared(name, ['batch_size', 'sequence_length']),
);

describe('inputs', () => {
  const texts = syntheticTexts(tokenizer, { count: 50, words: 20, seed: 1 });

  test.each([
    [1, 16],
    [8, 128],
    [3, 1],
    [1, 2],
  ])('[%i, %i]: exactly that shape, full first row, real padding in the others', (batch, sequence) => {
    const { input_ids: ids, attention_mask: mask } = workloadOf(
      tokenizer,
      texts,
      inputs,
      { batch, sequence },
      { seed: 1 },
    ).feeds;
    expect(ids!.shape).toEqual([batch, sequence]);
    const lengths = Array.from({ length: batch }, (_, row) =>
      Number(
        (mask!.data as BigInt64Array).slice(row * sequence, (row + 1) * sequence).reduce((sum, bit) => sum + bit, 0n),
      ),
    );
    expect(lengths[0]).toBe(sequence);
    for (const length of lengths) expect(length).toBeGreaterThanOrEqual(sequence / 2);
    if (batch > 1 && sequence > 8) expect(Math.min(...lengths)).toBeLessThan(sequence);
    // Never all ones: a row holds many different tokens.
    if (sequence > 8)
      expect(new Set((ids!.data as BigInt64Array).slice(0, sequence)).size).toBeGreaterThan(sequence / 4);
  });

  test('depend on the seed alone', () => {
    const shape = { batch: 4, sequence: 32 };
    const make = (seed: number) => workloadOf(tokenizer, texts, inputs, shape, { seed }).feeds.input_ids!.data;
    expect(make(1)).toEqual(make(1));
    expect(make(1)).not.toEqual(make(2));
  });

  test('an encoder-decoder reads them padded on the right, and begins to write', () => {
    const { feeds, prompts } = workloadOf(
      tokenizer,
      texts,
      inputs,
      { batch: 3, sequence: 24 },
      { seed: 1, decoderStart: 7 },
    );
    expect(Object.keys(feeds)).toEqual([...inputs.map(({ name }) => name), 'decoder_input_ids']);
    expect(feeds.decoder_input_ids).toEqual({ dtype: 'int64', shape: [3, 1], data: BigInt64Array.of(7n, 7n, 7n) });
    expect(prompts).toEqual([[7], [7], [7]]);
    for (let row = 0; row < 3; row++) expect(feeds.attention_mask!.data[row * 24]).toBe(1n);
    expect(fixedLength(inputs)).toBeUndefined();
  });

  test('a speech model hears noise of its own length', () => {
    const features = [{ name: 'input_features', dtype: 'float32', shape: ['batch_size', 4, 10] }];
    expect(fixedLength(features)).toBe(10);
    const { feeds, prompts } = noiseWorkload(features, 2, { seed: 1, decoderStart: 7 });
    const { shape, data } = feeds.input_features!;
    expect(shape).toEqual([2, 4, 10]);
    expect(new Set(data as Float32Array).size).toBeGreaterThan(70);
    expect(Math.max(...(data as Float32Array).map(Math.abs))).toBeLessThanOrEqual(1);
    expect(prompts).toEqual([[7], [7]]);
  });

  test('a model of images sees noise of its own size, which counts as one token', () => {
    const pixels = [{ name: 'pixel_values', dtype: 'float32', shape: ['batch_size', 3, 4, 5] }];
    expect(fixedLength(pixels)).toBe(1);
    const { feeds, prompts } = noiseWorkload(pixels, 2, { seed: 1 });
    expect(Object.keys(feeds)).toEqual(['pixel_values']);
    const { shape, data } = feeds.pixel_values!;
    expect(shape).toEqual([2, 3, 4, 5]);
    expect(new Set(data as Float32Array).size).toBeGreaterThan(100);
    expect(noiseWorkload(pixels, 2, { seed: 1 }).feeds).toEqual(feeds);
    expect(prompts).toEqual([]);
  });

  test('a decoder reads them padded on the left, with positions and an empty cache', () => {
    const [ids, mask] = inputs;
    const cache = declared('past_key_values.0.key', ['batch_size', 2, 'past_sequence_length', 4]);
    const positions = declared('position_ids', ['batch_size', 'sequence_length']);
    const unpadded = { ...tokenizer, padding: undefined };
    const { feeds, prompts: rows } = workloadOf(
      // As many decoders, without a padding token.
      unpadded as unknown as typeof tokenizer,
      texts,
      [ids!, mask!, positions, cache],
      { batch: 3, sequence: 24 },
      { seed: 1 },
    );
    expect(Object.keys(feeds)).toEqual(['input_ids', 'attention_mask', 'position_ids', 'past_key_values.0.key']);
    expect(feeds['past_key_values.0.key']).toEqual({
      dtype: 'float32',
      shape: [3, 2, 0, 4],
      data: new Float32Array(0),
    });
    expect(Math.min(...rows.map(row => row.length))).toBeLessThan(24);
    for (const [row, inputIds] of rows.entries()) {
      const of = (name: string) => Array.from(feeds[name]!.data.slice(row * 24, (row + 1) * 24), Number);
      const padding = new Array<number>(24 - inputIds.length);
      expect(of('attention_mask')).toEqual([...padding.fill(0), ...inputIds.map(() => 1)]);
      expect(of('input_ids').slice(padding.length)).toEqual(inputIds);
      expect(of('position_ids')).toEqual([...padding.fill(1), ...inputIds.keys()]);
    }
  });
});

describe('texts from a vocabulary', () => {
  test('nearly all of their tokens are known, and some are not ASCII', () => {
    const texts = syntheticTexts(tokenizer, { count: 40, words: 20, seed: 1 });
    const unknown = tokenizer.vocabulary.get('[UNK]')!;
    const ids = texts.flatMap(({ text }) => tokenizer.encode(text).inputIds);
    expect(ids.filter(id => id === unknown).length / ids.length).toBeLessThan(0.01);
    const lengths = texts.map(({ text }) => text.split(' ').length);
    expect(Math.min(...lengths)).toBeLessThan(6);
    expect(Math.max(...lengths)).toBe(20);
    // This vocabulary folds accents and so has no word beyond ASCII; one that has them must be asked for them.
    const foreign = syntheticTexts(
      {
        vocabulary: new Map([
          ['straße', 5],
          ['##ção', 6],
          ['[PAD]', 0],
          ['word', 7],
        ]),
        specialIds: new Set([0]),
      },
      { count: 8, words: 10, seed: 1 },
    );
    expect(foreign.some(({ text }) => text.includes('straße'))).toBe(true);
    expect(foreign.some(({ text }) => text.includes('ção') && !text.includes('##'))).toBe(true);
    expect(foreign.every(({ text }) => !text.includes('PAD'))).toBe(true);
  });
});

describe('machine', () => {
  test('is described', () => {
    const machine = describeMachine();
    expect(machine.cores).toBeGreaterThan(0);
    expect(machine.memoryBytes).toBeGreaterThan(2 ** 28);
    expect(machine.onnxruntime).toBe('1.30.0');
    expect(machine.node).toBe(process.versions.node);
  });

  const quiet: Machine = {
    cpu: 'a CPU',
    cores: 8,
    instructionSets: [],
    memoryBytes: 1,
    system: 'Linux',
    node: '20',
    onnxruntime: '1',
    loadAverage: 0.5,
  };
  test.each([
    [{}, []],
    [{ governor: 'performance' }, []],
    [{ loadAverage: 4.5 }, ['4.5 processes ran on 8 cores in the minute before: figures may be too slow']],
    [{ governor: 'powersave' }, ["the CPU's governor is 'powersave': the clock changes with the load"]],
  ])('warnings for %j', (change, warnings) => {
    expect(warningsFor({ ...quiet, ...change })).toEqual(warnings);
  });
});
