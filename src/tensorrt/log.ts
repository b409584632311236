import { type Banner, bannerOf } from './version.js';

/** V verbose, I information, W warning, E error, F fatal; undefined for lines without a severity. */
export type Severity = 'V' | 'I' | 'W' | 'E' | 'F';

const LINE = /^\[\d\d\/\d\d\/\d{4}-\d\d:\d\d:\d\d\] \[([VIWEF])\] (.*)$/;

/** That a machine has no GPU is information to trtexec, after which it ends. */
const NO_DEVICE = 'Cannot find ';

/** What a run of trtexec said, stdout and stderr together: warnings and errors go to the latter. */
export interface Log {
  readonly text: string;
  readonly banner: Banner | undefined;
  /** The last line of a run that came to its end. */
  readonly verdict: 'PASSED' | 'FAILED' | undefined;
  /** [E] and [F] lines without their time. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** What CUDA, a container engine, ssh or a shell say between its lines; and of devices that are not there, trtexec itself. */
  readonly asides: readonly string[];
  /** An engine was built, or a stored one was loaded. */
  readonly madeEngine: boolean;
  readonly loadedEngine: boolean;
  readonly device: { readonly name?: string; readonly computeCapability?: string };
}

/** `text`: lines in any order of the two streams, since each stream keeps its own. */
export function parseLog(text: string): Log {
  const lines = text.split(/\r?\n/);
  const bySeverity = (...wanted: readonly Severity[]): string[] =>
    lines.flatMap(line => {
      const [, severity, message] = LINE.exec(line) ?? [];
      return wanted.includes(severity as Severity) ? [message!.trim()] : [];
    });
  const [, verdict] = /^&&&& (PASSED|FAILED) TensorRT\.trtexec/m.exec(text) ?? [];
  const [, name] = /\] \[I\] Selected Device: (.+)$/m.exec(text) ?? [];
  const [, computeCapability] = /\] \[I\] Compute Capability: (\d+\.\d+)$/m.exec(text) ?? [];
  return {
    text,
    banner: bannerOf(text),
    verdict: verdict as Log['verdict'],
    errors: bySeverity('E', 'F'),
    warnings: bySeverity('W'),
    asides: [
      ...lines.filter(line => !LINE.test(line) && !line.startsWith('&&&& ')),
      ...bySeverity('I').filter(line => line.startsWith(NO_DEVICE)),
    ],
    madeEngine: /\] \[I\] Created engine with size:/.test(text),
    loadedEngine: /\] \[I\] Engine deserialized in /.test(text),
    device: {
      ...(name === undefined ? {} : { name }),
      ...(computeCapability === undefined ? {} : { computeCapability }),
    },
  };
}

/** Lines that tell how far a build is; it spends nearly all its time in the third. */
const STEPS: readonly (readonly [line: RegExp, note: string])[] = [
  [/TensorRT version: /, 'starting'],
  [/Start parsing network model/, 'reading the network'],
  [/Finish(ed)? parsing network model/, 'timing kernels'],
  [/Engine generation completed/, 'writing the engine'],
  [/Created engine with size/, 'loading the engine'],
];

export const STEP_COUNT = STEPS.length;

/** How far a build is after this line; undefined for lines that do not tell. */
export function stepOf(line: string): { readonly done: number; readonly note: string } | undefined {
  const done = STEPS.findIndex(([pattern]) => pattern.test(line));
  return done < 0 ? undefined : { done, note: STEPS[done]![1] };
}

/** Warnings that a user should see though the engine was built; the others are about the machine or are ever there. */
const TELLING = [
  /layernorm nodes in FP16/i,
  /denormal|subnormal/i,
  /overflow/i,
  /Skipping tactic .* insufficient memory/i,
];

export const tellingWarnings = ({ warnings }: Log): readonly string[] => [
  ...new Set(warnings.filter(line => TELLING.some(pattern => pattern.test(line)))),
];
