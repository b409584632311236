import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readModel } from '../../src/onnx/read.js';
import type { CalibrationTable } from '../../src/quantization/calibration/table.js';
import { readWritingTokens } from '../../src/runtime/generation/writing-tokens.js';
import { loadTokenizer } from '../../src/runtime/tokenizer.js';
import { calibrateStage } from '../../src/stages/calibrate.js';
import { exportStage } from '../../src/stages/export.js';
import { optimizeStage } from '../../src/stages/optimize.js';
import { quantizeStage } from '../../src/stages/quantize.js';
import type { Json } from '../../src/util/json.js';
import { targetTokens } from '../../src/validation/scored-texts.js';
import { readReference, textToTextReferences } from '../support/reference.js';
import { outputsOf as outputsOfStage, runStage } from '../support/run-stage.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { callsOf, errorOf, feedsFor, graphsOf, magnitudeOf, outputsOf, relativeError } from './support.js';

const folder = temporaryFolders();
const [ENCODER, DECODER] = ['encoder_model.onnx', 'decoder_model_merged.onnx'] as const;

async function calibrated(name: string, lines?: readonly Json[]) {
  const { folder: checkpoint, task } = readReference(name);
  const exporting = { params: { task }, inputs: { checkpoint }, outputs: ['model'] };
  const { model } = (await outputsOfStage(exportStage, folder(), exporting)) as { model: string };
  const calibration = join(folder(), 'calibration.jsonl');
  writeFileSync(calibration, (lines ?? []).map(line => `${JSON.stringify(line)}\n`).join(''));
  const done = await runStage(calibrateStage, folder(), {
    params: { maximumSequence: 64, samples: 8, seed: 1, scope: 'all' },
    inputs: { model, checkpoint, tokenizer: checkpoint, ...(lines ? { calibration } : {}) },
    outputs: ['table'],
  });
  if (!done.ok) throw new Error(JSON.stringify(done.error));
  const table = done.value.table!;
  return { model, checkpoint, table, held: JSON.parse(readFileSync(table, 'utf8')) as CalibrationTable };
}

describe('the table of an encoder-decoder', () => {
  test('has both files, what the branch of the first call computes, and the caches of later calls', async () => {
    const { held } = await calibrated('t5');
    expect(Object.keys(held.models)).toEqual([ENCODER, DECODER]);
    const decoder = held.models[DECODER]!;
    const cross = 'decoder.block.1.layer.1.EncDecAttention';
    for (const name of [`${cross}.k/MatMul`, `${cross}.v/MatMul`, `${cross}.q/MatMul`, `${cross}/Softmax`]) {
      expect(decoder[name]!.elements, name).toBeGreaterThan(0);
    }
    // What the decoder is given is what the encoder gives: its final norm.
    const { clips: _, channels, ...given } = decoder.encoder_hidden_states!;
    expect(channels).toHaveLength(48);
    // What a session may fuse depends on which values it must give away: the last bits differ.
    const encoded = held.models[ENCODER]!.last_hidden_state!;
    expect(encoded.min).toBeCloseTo(given.min, 4);
    expect(encoded.max).toBeCloseTo(given.max, 4);
    for (const cache of ['decoder.key', 'decoder.value', 'encoder.key', 'encoder.value']) {
      expect(decoder[`past_key_values.0.${cache}`]).toEqual(decoder[`present.0.${cache}`]);
    }
  });

  test('is measured on targets where the data have them, and else on what the export writes', async () => {
    const lines = [
      { text: 'the first of all', target: 'all of the first' },
      { text: 'and the second one', target: 'the one' },
    ];
    const { held, checkpoint } = await calibrated('t5', lines);
    const [tokenizer, tokens] = [
      await loadTokenizer(checkpoint),
      await readWritingTokens(join(checkpoint, 'config.json')),
    ];
    if (!tokenizer.ok || !tokens.ok) throw new Error('the reference case cannot be read');
    const lengths = lines.map(({ target }) => {
      const { inputIds } = tokenizer.value.encode(target);
      return targetTokens(inputIds, tokenizer.value.languages, tokens.value).length - 1;
    });
    expect(new Set(lengths).size).toBe(2);
    const read = ({ models }: CalibrationTable): number => models[DECODER]!['shared/Gather']!.elements / 48;
    expect(read(held)).toBe(lengths[0]! + lengths[1]!);
    const written = await calibrated(
      't5',
      lines.map(({ text }) => ({ text })),
    );
    // Random weights seldom end a text: both are 32 tokens long, or end before.
    expect(read(written.held)).toBeGreaterThan(lengths[0]! + lengths[1]!);
    expect(read(written.held)).toBeLessThanOrEqual(64);
  });

  test('of speech is measured on noise, and says so', async () => {
    const { held } = await calibrated('whisper');
    expect(held.texts).toEqual({
      source: 'noise',
      asked: 4,
      used: 4,
      empty: 0,
      tokens: 0,
      warning: 'calibrated on noise in place of images or speech: real ones may reach further',
    });
    expect(held.models[ENCODER]!.input_features!.min).toBeLessThan(-0.99);
  });
});

/** As in half-precision.test and explicit.test, where ranges are those of the very inputs that are compared. */
const TOLERANCE = { fp16: 0.02, 'int8-explicit': 0.25 } as const;

test.each([...textToTextReferences(), 'whisper'])('%s for TensorRT by what a calibration saw', async name => {
  const { model, checkpoint, table } = await calibrated(name);
  const { model: portable } = await outputsOfStage(optimizeStage, folder(), {
    params: { dialect: 'portable', split: true, tensorrt: '10' },
    inputs: { model, checkpoint },
    outputs: ['model', 'report'],
  });
  const calls = await callsOf(name, graphsOf(name).exported, folder);
  for (const precision of ['fp16', 'bf16', 'int8-explicit'] as const) {
    const made = await outputsOfStage(quantizeStage, folder(), {
      params: { precision, reduceRange: false, tensorrt: '10' },
      inputs: { model: portable!, calibration: table },
      outputs: ['model', 'report'],
    });
    const report = readFileSync(made.report!, 'utf8');
    expect(report).not.toContain('not observed');
    // A bias of positions or a transposed table: made of weights alone.
    for (const [, unobserved] of report.matchAll(/"unobserved": (\d+)/g))
      expect(Number(unobserved)).toBeLessThanOrEqual(1);
    if (precision === 'bf16') continue;
    for (const file of new Set(calls.map(call => call.file))) {
      const read = readModel(join(made.model!, file));
      if (!read.ok) throw new Error(JSON.stringify(read.error));
      const { graph, opsets, irVersion } = read.value;
      const own = calls.filter(call => call.file === file);
      const feeds = own.map(call => feedsFor(graph, call.feeds));
      const found = await outputsOf(graph, feeds, folder(), { opset: opsets['']!, irVersion });
      const error =
        precision === 'fp16'
          ? Math.max(...own.map((call, index) => errorOf(call, found[index]!) / magnitudeOf(call)))
          : relativeError(own, found);
      expect(error, `${file} ${precision}`).toBeLessThan(TOLERANCE[precision]);
    }
  }
});
