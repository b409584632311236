#!/usr/bin/env node
// Memory and time of a calibration, for a BERT of a well-known size and texts of 128 tokens: the same memory, however many texts.
//   node bench/calibration.mjs [bert-base] [--samples 1000,2000] [--scope integers|all]
// Each number of texts is a process of its own. Memory: the largest RSS that the system saw, mapped weights included.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { calibrateStage } from '../lib/stages/calibrate.js';
import { exportStage } from '../lib/stages/export.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    samples: { type: 'string', default: '1000,2000' },
    scope: { type: 'string', default: 'integers' },
    child: { type: 'string' },
  },
});

async function runStage(stage, params, inputs, out, scratch) {
  mkdirSync(scratch, { recursive: true });
  const signal = new AbortController().signal;
  const done = await stage.run({ params, in: inputs, out, scratch, signal, progress() {} });
  if (!done.ok) throw new Error(JSON.stringify(done.error));
}

/** In a child: one calibration, and what it took. */
async function calibrate(folder, samples, scope) {
  const at = name => join(folder, name);
  const began = performance.now();
  await runStage(
    calibrateStage,
    { maximumSequence: 128, samples, seed: 1, scope },
    { model: at('exported'), checkpoint: at('model'), tokenizer: at('model'), calibration: at('texts.jsonl') },
    { table: at('table.json') },
    at(`scratch-${samples}`),
  );
  const seconds = (performance.now() - began) / 1000;
  console.log(JSON.stringify({ seconds, mebibytes: process.resourceUsage().maxRSS / 1024 }));
}

if (values.child !== undefined) {
  const { folder, samples, scope } = JSON.parse(values.child);
  await calibrate(folder, samples, scope);
} else {
  const size = positionals[0] ?? 'bert-base';
  const counts = values.samples.split(',').map(Number);
  const here = fileURLToPath(new URL('.', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'td-calibration-'));
  try {
    const model = join(folder, 'model');
    execFileSync(process.execPath, [join(here, 'make-checkpoint.mjs'), model, size]);
    const out = { model: join(folder, 'exported') };
    await runStage(exportStage, { task: 'text-classification' }, { checkpoint: model }, out, join(folder, 'scratch'));
    // Letters are words of this vocabulary. Longer than 128 tokens, so that all texts are cut to as many.
    const letter = place => String.fromCharCode(97 + (place % 26));
    const text = index => Array.from({ length: 140 }, (_, i) => letter(index * 131 + i * i * 7 + i)).join(' ');
    const lines = Array.from(
      { length: Math.max(...counts) },
      (_, index) => `${JSON.stringify({ text: text(index) })}\n`,
    );
    writeFileSync(join(folder, 'texts.jsonl'), lines.join(''));
    console.log(`${size}, texts of 128 tokens, scope '${values.scope}'`);
    for (const samples of counts) {
      const child = JSON.stringify({ folder, samples, scope: values.scope });
      const run = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--child', child], { encoding: 'utf8' });
      if (run.status !== 0) throw new Error(run.stderr);
      const { seconds, mebibytes } = JSON.parse(run.stdout);
      const table = statSync(join(folder, 'table.json')).size / 1024;
      console.log(
        `${samples} texts: ${mebibytes.toFixed(0)} MiB at most, ${seconds.toFixed(1)} s, table ${table.toFixed(0)} KiB`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
