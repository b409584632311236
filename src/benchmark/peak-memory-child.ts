import { readFileSync } from 'node:fs';
import { openModel } from '../runtime/open-model.js';
import type { Failure } from '../util/failure.js';
import { ok, type Result } from '../util/result.js';
import type { PeakMemory, PeakMemoryRequest } from './peak-memory.js';

/** Enough for every buffer to have been used. */
const RUNS = 3;

/**
 * Largest resident memory so far, in bytes. Linux's own record for this program: `resourceUsage().maxRSS` there also counts
 * the parent that started it.
 */
function peakBytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const kibibytes = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return Number(kibibytes) * 1024;
}

async function measure({ folder, threads, feeds, provider }: PeakMemoryRequest): Promise<Result<PeakMemory, Failure>> {
  const baselineBytes = peakBytes();
  const model = await openModel(folder, { threads, ...(provider ? { provider } : {}) });
  if (!model.ok) return model;
  for (let run = 0; run < RUNS; run++) {
    const outcome = await model.value.whole.run(feeds);
    if (!outcome.ok) return outcome;
  }
  return ok({ peakBytes: peakBytes(), baselineBytes });
}

process.once('message', async message => {
  const answer = await measure(message as PeakMemoryRequest);
  process.send!(answer, () => process.disconnect());
});
