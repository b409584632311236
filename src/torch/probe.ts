import { tmpdir } from 'node:os';
import { environmentFailure, type Failure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { lastLines, runPython } from './run-python.js';

/** Versions of all that decides what an export is; part of its key. */
export type TorchVersions = Readonly<Record<'python' | 'torch' | 'transformers' | 'onnx' | 'onnxscript', string>>;

/** torch.onnx.export as export.py calls it. */
const OLDEST_TORCH = [2, 6] as const;

const PROBE_SECONDS = 60;

/**
 * What the interpreter has installed. Failures: 'python-missing', 'python-failed', 'python-packages-missing', 'torch-too-old'.
 */
export async function probePython(python: string): Promise<Result<TorchVersions, Failure>> {
  const { stdout, output, exitCode, timedOut } = await runPython(python, 'probe', [], {
    folder: tmpdir(),
    timeoutSeconds: PROBE_SECONDS,
  });
  if (exitCode === 127 || exitCode === 126) return fail(pythonMissing(python, lastLines(output, 1)[0]));
  const versions = parsed(stdout);
  if (exitCode !== 0 || versions === undefined) {
    return fail(
      environmentFailure('python-failed', 'the Python interpreter does not work', {
        where: python,
        expected: 'Python 3.9 or later',
        found: timedOut ? `no answer for ${PROBE_SECONDS} s` : `exit code ${exitCode}`,
        fix: 'set TD_PYTHON to one that does',
        details: lastLines(output),
      }),
    );
  }
  const missing = Object.entries(versions).flatMap(([name, version]) => (version === null ? [name] : []));
  if (missing.length > 0) {
    return fail(
      environmentFailure('python-packages-missing', "exporter 'torch' needs Python packages that are not installed", {
        where: `${python}, Python ${versions.python}`,
        expected: Object.keys(versions).slice(1).join(', '),
        found: `no ${missing.join(', no ')}`,
        fix: `${python} -m pip install ${missing.join(' ')}, or set TD_PYTHON to an interpreter that has them`,
      }),
    );
  }
  const known = versions as TorchVersions;
  if (!isAtLeast(known.torch, OLDEST_TORCH)) {
    return fail(
      environmentFailure('torch-too-old', 'this PyTorch cannot export as it is asked to', {
        where: `${python}, Python ${known.python}`,
        expected: `torch ${OLDEST_TORCH.join('.')} or later`,
        found: `torch ${known.torch}`,
        fix: `${python} -m pip install --upgrade torch`,
      }),
    );
  }
  return ok(known);
}

function parsed(stdout: string): Readonly<Record<string, string | null>> | undefined {
  try {
    const value: unknown = JSON.parse(stdout);
    return typeof value === 'object' && value !== null ? (value as Record<string, string | null>) : undefined;
  } catch {
    return undefined;
  }
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

const pythonMissing = (python: string, found: string | undefined): Failure =>
  environmentFailure('python-missing', "exporter 'torch' needs Python, which is not there", {
    expected: python,
    found: found ?? 'no such program',
    fix: "install it, or set TD_PYTHON to an interpreter with torch; exporter 'td' needs none",
  });
