import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a complete interpreter answers to probe.py. */
export const COMPLETE = {
  python: '3.11.7',
  torch: '2.13.0+cpu',
  transformers: '5.18.0',
  onnx: '1.23.1',
  onnxscript: '0.7.2',
};

/**
 * A program that takes the place of Python: it answers probe.py with `versions`, and runs `exports`, a piece of shell,
 * for export.py. Its arguments are then $1 checkpoint, $2 task, $3 output folder, $4 refusal file.
 */
export function standInPython(folder: string, exports = 'exit 1', versions: object | string = COMPLETE): string {
  const path = join(folder, 'python');
  const answer = typeof versions === 'string' ? versions : `echo '${JSON.stringify(versions)}'`;
  writeFileSync(
    path,
    `#!/bin/sh\nscript=$1\nshift\ncase "$script" in\n*/probe.py) ${answer} ;;\n*/export.py) ${exports} ;;\nesac\n`,
  );
  chmodSync(path, 0o755);
  return path;
}
