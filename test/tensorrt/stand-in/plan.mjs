import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const HEADER = 28;

/** The header of a real engine, then what this one is made of: a length, JSON, and the files of the network one after another. */
export function writePlan(path, { major, minor, patch }, engine) {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(0x74727466, 0);
  header.set([major, minor, patch, 26], 24);
  const folder = dirname(engine.file);
  const files = readdirSync(folder).map(name => [name, readFileSync(join(folder, name))]);
  const { file, ...rest } = engine;
  const json = Buffer.from(
    JSON.stringify({
      ...rest,
      file: file.slice(folder.length + 1),
      noise: process.env.STAND_IN_NOISE,
      gpu: process.env.STAND_IN_GPU ?? 'NVIDIA H100 80GB HBM3, 9.0',
      files: files.map(([name, bytes]) => [name, bytes.length]),
    }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  writeFileSync(path, Buffer.concat([header, length, json, ...files.map(([, bytes]) => bytes)]));
}

/** The engine with its network unpacked; undefined when the file is none. */
export function readPlan(path) {
  const bytes = readFileSync(path);
  if (bytes.length < HEADER || bytes.readUInt32LE(0) !== 0x74727466) return undefined;
  const end = HEADER + 4 + bytes.readUInt32LE(HEADER);
  const { gpu, noise, files, file, ...engine } = JSON.parse(bytes.subarray(HEADER + 4, end).toString());
  const folder = mkdtempSync(join(process.env.STAND_IN_TEMPORARY ?? tmpdir(), 'stand-in-'));
  let at = end;
  for (const [name, length] of files) {
    writeFileSync(join(folder, name), bytes.subarray(at, at + length));
    at += length;
  }
  const [major, minor, patch] = bytes.subarray(24, 27);
  return { version: `${major}.${minor}.${patch}`, gpu, engine: { ...engine, file: join(folder, file) }, folder };
}
