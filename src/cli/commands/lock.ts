import { relative } from 'node:path';
import { ok } from '../../util/result.js';
import { CONFIG_OPTION, type Command } from '../command.js';
import { checkLock, writeLock } from '../lock-file.js';
import { openProject } from '../project.js';

export const command: Command = {
  name: 'lock',
  usage: '[OPTIONS]',
  summary: 'Pins the sources in td.lock: every file with its sha256.',
  options: { ...CONFIG_OPTION, check: { type: 'boolean', help: 'only compare; exit code 2 when something differs' } },
  async run(given, context) {
    const project = await openProject(given, context, { pins: 'ignore' });
    if (!project.ok) return project;
    if (given.flag('check')) {
      const same = await checkLock(project.value);
      return same.ok ? ok(0) : same;
    }
    const written = await writeLock(project.value);
    if (!written.ok) return written;
    context.note(`wrote ${relative(context.cwd, written.value)}\n`);
    return ok(0);
  },
};
