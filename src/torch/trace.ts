import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentFailure, type Failure, interrupted, taskFailure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { type Ended, lastLines, runPython } from './run-python.js';

/** Tasks that export.py has a class for; each is one graph from texts to the outputs of the convention. */
export const TORCH_TASKS: readonly string[] = [
  'text-classification',
  'zero-shot-classification',
  'text-ranking',
  'token-classification',
  'question-answering',
  'fill-mask',
  'feature-extraction',
];

export interface Trace {
  readonly python: string;
  /** A model folder. */
  readonly checkpoint: string;
  readonly task: string;
  /** Made; gets model.onnx, its data and config.json. */
  readonly output: string;
  readonly scratch: string;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  onStep(step: string): void;
}

/**
 * Has the user's Python trace a checkpoint. Failures: 'torch-weights', 'torch-export-failed', 'torch-out-of-memory',
 * 'torch-timeout', 'interrupted'.
 */
export async function traceModel(trace: Trace): Promise<Result<void, Failure>> {
  const { python, checkpoint, task, output, scratch, timeoutSeconds, signal, onStep } = trace;
  mkdirSync(output, { recursive: true });
  const refusal = join(scratch, 'refusal.json');
  const ended = await runPython(python, 'export', [checkpoint, task, output, refusal], {
    folder: scratch,
    timeoutSeconds,
    signal,
    onLine: line => line.startsWith('td: ') && onStep(line.slice('td: '.length)),
  });
  if (signal.aborted) return fail(interrupted());
  if (ended.exitCode !== 0) return fail(reasonOf(ended, trace, refusal));
  copyFileSync(join(checkpoint, 'config.json'), join(output, 'config.json'));
  return ok(undefined);
}

/** export.py's exit code when it has written why. */
const REFUSED = 3;

function reasonOf(ended: Ended, { checkpoint, python, timeoutSeconds }: Trace, refusal: string): Failure {
  const details = lastLines(ended.output);
  if (ended.timedOut) {
    return taskFailure('torch-timeout', 'the export by PyTorch takes too long', {
      where: checkpoint,
      expected: `an end within ${timeoutSeconds} s`,
      fix: 'set TD_TORCH_TIMEOUT to more seconds',
      details,
    });
  }
  if (ended.signal === 'SIGKILL' || ended.exitCode === 137) {
    return environmentFailure(
      'torch-out-of-memory',
      'the export by PyTorch was killed, as happens when memory runs out',
      {
        where: checkpoint,
        found: 'SIGKILL',
        fix: 'give it more memory: about four times the size of the weights; or build with --jobs 1',
        details,
      },
    );
  }
  if (ended.exitCode === REFUSED) return refusalOf(refusal, checkpoint);
  return taskFailure('torch-export-failed', 'PyTorch cannot export this model', {
    where: checkpoint,
    found: ended.signal ? `ended by ${ended.signal}` : `exit code ${ended.exitCode}`,
    fix: `the last lines of ${python} say why; another version of torch or transformers may help`,
    details,
  });
}

function refusalOf(file: string, checkpoint: string): Failure {
  const { code, found } = JSON.parse(readFileSync(file, 'utf8')) as { readonly code: string; readonly found: string[] };
  const isMissing = code === 'missing-keys';
  return usageFailure('torch-weights', 'the checkpoint is not whole: transformers would draw weights at random', {
    where: checkpoint,
    expected: isMissing ? 'all weights of the model and of its head' : 'weights of the sizes in config.json',
    found: `${isMissing ? 'no' : 'others for'} ${found.join(', ')}`,
    fix: 'change the task, or use a checkpoint that was trained for it',
  });
}
