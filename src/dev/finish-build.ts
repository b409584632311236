/**
 * Runs once after the compiler. Copies what is not TypeScript, makes the command executable, and writes
 * `lib/stage-code.json`: stage -> digest of its own code and of everything it imports, which is part of every
 * action's key. A change of a stage's code re-runs what it made; a change elsewhere re-runs nothing.
 */
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestOf } from '../util/digest.js';
import { canonicalJson } from '../util/json.js';

const lib = fileURLToPath(new URL('..', import.meta.url));
const source = resolve(lib, '../src');

/** The file and all files of ours that it loads, at once or later, by relative import. */
function reachable(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const code = readFileSync(file, 'utf8');
  for (const match of code.matchAll(/(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g)) {
    reachable(resolve(dirname(file), match[1]!), seen);
  }
  return seen;
}

function digestOfFiles(files: Iterable<string>): string {
  const names = [...files].map(file => relative(lib, file).split(sep).join('/')).sort();
  return digestOf(canonicalJson(names.map(name => [name, digestOf(readFileSync(join(lib, name)))])));
}

/** Files that a stage ships into its output and that are not code of ours. */
const SHIPPED: Readonly<Record<string, string>> = { triton: 'triton/python', 'export-torch': 'torch/python' };

const stageFiles = readdirSync(join(lib, 'stages')).filter(name => name.endsWith('.js') && name !== 'index.js');
for (const folder of Object.values(SHIPPED)) {
  if (existsSync(join(source, folder))) cpSync(join(source, folder), join(lib, folder), { recursive: true });
}
const digests: Record<string, string> = {};
for (const file of stageFiles.sort()) {
  const stage = file.slice(0, -'.js'.length);
  const shipped = SHIPPED[stage];
  const shippedFiles = shipped ? readdirSync(join(lib, shipped)).map(name => join(lib, shipped, name)) : [];
  digests[stage] = digestOfFiles([...reachable(join(lib, 'stages', file)), ...shippedFiles]);
}
writeFileSync(join(lib, 'stage-code.json'), `${JSON.stringify(digests, null, 2)}\n`);
chmodSync(join(lib, 'cli/main.js'), 0o755);
