import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Provider } from './session.js';

/** A started process needs JavaScript; run from the sources, it is the compiled one in lib. */
const CHILD = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../lib/runtime/device-child.js' : './device-child.js', import.meta.url),
);

/** Drivers that are there answer within a second; one that hangs is as good as none. */
const TIMEOUT_MILLISECONDS = 60_000;

/**
 * Why a provider of ONNX Runtime cannot multiply two numbers here; undefined when it can. In a process of its own: graphics
 * drivers may end the one that loads them.
 */
export function whyNoDevice(provider: Provider): Promise<string | undefined> {
  return new Promise(resolve => {
    const child = fork(CHILD, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
      timeout: TIMEOUT_MILLISECONDS,
    });
    let errors = '';
    child.stderr!.on('data', chunk => (errors += chunk));
    let answer: { readonly found?: string } | undefined;
    child.on('message', message => (answer = message as { readonly found?: string }));
    child.on('error', error => (errors += error.message));
    child.on('close', (code, signal) => {
      if (answer) return resolve(answer.found && shortened(answer.found));
      const lines = errors.trim().split('\n');
      resolve(`the process that tried it ended with ${signal ?? `exit code ${code}`}: ${lines.at(-1)}`);
    });
    child.send(provider);
  });
}

/** Without the place in ONNX Runtime's sources and the condition there, which precede the sentence. */
const shortened = (message: string): string =>
  message
    .trim()
    .split('\n')[0]!
    .replace(/^.* was false\. /, '');
