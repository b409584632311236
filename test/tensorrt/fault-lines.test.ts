import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { failureText } from '../../src/cli/failure-text.js';
import { FAULT_CODES } from '../../src/tensorrt/faults.js';
import { type Ended, judgeRun } from '../../src/tensorrt/verdict.js';
import { version } from '../../src/tensorrt/version.js';
import { CASES, type Case, FIXES } from './fault-cases.js';
import { FAULTS } from './stand-in/faults.mjs';

const TITLE = 'TensorRT.trtexec [TensorRT v101303] [b9] # trtexec --timingCacheFile=timing.cache --skipInference';
const STAMP = '[11/23/2026-10:00:00] ';

/** The whole output of a run that printed these lines. */
function ended({ log, exitCode }: Pick<Case, 'log' | 'exitCode'>): Ended {
  const lines = log.map(line => (/^\[[EWI]\] /.test(line) ? STAMP + line : line));
  const isLog = lines.some(line => line.startsWith(STAMP));
  const verdict = exitCode > 128 || !isLog ? [] : [`&&&& ${exitCode === 0 ? 'PASSED' : 'FAILED'} ${TITLE}`];
  return {
    output: [...(isLog ? [`&&&& RUNNING ${TITLE}`] : []), ...lines, ...verdict].join('\n'),
    exitCode,
    signal: null,
  };
}

const judged = (of: Ended) => judgeRun(of, version(10, 13, 3), 'built');

describe('what is printed', () => {
  test.each(CASES.map(each => [each.from, each] as const))('by %s', (_, each) => {
    const found = judged(ended(each));
    if (found.ok) throw new Error('no failure');
    const { code, message, fix, found: line } = found.error;
    expect({ code, message, fix, line }).toEqual({
      code: each.code,
      message: each.message,
      fix: FIXES[each.code],
      line: each.found ?? each.log[0]!.replace(/^\[E\] /, ''),
    });
  });

  test('in the log of a good build names no fault', () => {
    // The options that trtexec prints first, and lines that are always there.
    const log = [
      '[I] === Build Options ===',
      '[I] Memory Pools: workspace: default, dlaSRAM: default',
      '[I] timingCacheMode: global',
      '[I] errorOnTimingCacheMiss: Disabled',
      '[I] Skip inference: Enabled',
      '[W] [TRT] Could not read cache from: timing.cache. A new cache will be generated and written.',
      '[I] [TRT] Global timing cache in use. Profiling results in this builder pass will be stored.',
      '[W] [TRT] UNSUPPORTED_STATE: Skipping tactic 0 due to insufficient memory on requested size of 7742685184 detected for tactic 0x0000000000000000.',
      '[I] Created engine with size: 1.1 MiB',
    ];
    expect(judged(ended({ log, exitCode: 0 })).ok).toBe(true);
    // The same, ended by something that nobody knows: nothing of it may be taken for the cause.
    const failed = judged(ended({ log, exitCode: 1 }));
    expect(failed.ok ? '' : failureText({ ...failed.error, details: [] })).toBe(`error: trtexec-failed: trtexec failed
  expected  exit code 0 and a last line with PASSED
  found     exit code 1, FAILED
  fix       look at its last lines`);
  });

  test('is known for every code, here or in what the stand-in prints', () => {
    const here = new Set(CASES.map(({ code }) => code));
    expect(FAULT_CODES.filter(code => !here.has(code) && !(code in FAULTS))).toEqual([]);
  });

  test('has a name in docs/tensorrt.md', () => {
    const docs = readFileSync(new URL('../../docs/tensorrt.md', import.meta.url), 'utf8');
    expect(FAULT_CODES.filter(code => code !== 'trtexec-unknown-option' && !docs.includes(`\`${code}\``))).toEqual([]);
  });
});
