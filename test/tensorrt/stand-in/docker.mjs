#!/usr/bin/env node
/** Stands in for docker: knows one image, whose programs are the stand-ins beside it, and mounts by changing the working folder. */
import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FAULTS } from './faults.mjs';

const [command, ...words] = process.argv.slice(2);
const fault = process.env.STAND_IN_FAULT ?? '';
if (command === 'version' ? fault === 'container-engine-down' : /^(container|image)/.test(fault))
  FAULTS[fault].instead();
const WITH_VALUE = [
  '--name',
  '--gpus',
  '--user',
  '--env',
  '--volume',
  '--workdir',
  '--entrypoint',
  '--device',
  '--security-opt',
];

if (command === 'image' && words[0] === 'inspect') {
  process.stdout.write('["PATH=/usr/bin","CUDA_VERSION=12.6.3.004","TRT_VERSION=10.13.3"]\n');
} else if (command === 'version' && /^\{\{\.(Server|Client)\.Version\}\}$/.test(words[1])) {
  process.stdout.write('28.5.1\n');
} else if (command === 'run') {
  const options = {};
  while (words[0]?.startsWith('--')) {
    const option = words.shift();
    if (WITH_VALUE.includes(option)) options[option] = words.shift();
    else if (option !== '--rm') throw new Error(`unknown flag: ${option}`);
  }
  words.shift();
  const [folder, mounted] = options['--volume'].split(':');
  if (mounted !== options['--workdir'] || options['--gpus'] === undefined) throw new Error('no GPU or no folder');
  const program = fileURLToPath(new URL(`${basename(options['--entrypoint'])}.mjs`, import.meta.url));
  const ended = spawnSync(process.execPath, [program, ...words], { cwd: folder, stdio: 'inherit' });
  process.exitCode = ended.status ?? 137;
} else if (command !== 'kill') {
  throw new Error(`unknown command: ${command}`);
}
