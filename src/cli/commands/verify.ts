import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { verifyOutputs } from '../../build/manifest.js';
import type { LintProblem } from '../../triton/lint.js';
import { type Failure, usageFailure } from '../../util/failure.js';
import { formatBytes } from '../../util/format.js';
import { fail, ok, type Result } from '../../util/result.js';
import type { Arguments } from '../arguments.js';
import { CONFIG_OPTION, type Command, type CommandContext, OUT_OPTION } from '../command.js';
import { openProject } from '../project.js';

export const command: Command = {
  name: 'verify',
  usage: '[REPOSITORY] [OPTIONS]',
  summary: 'Reads every delivered file again, and compares it with the manifest; lints the Triton repository.',
  notes:
    'With the folder of a model repository, whoever wrote it, that is linted, and nothing else: no config is needed.',
  options: { ...CONFIG_OPTION, ...OUT_OPTION, json: { type: 'boolean', help: 'as JSON on stdout' } },
  async run(given, context) {
    const [repositoryFolder] = given.positionals;
    if (repositoryFolder !== undefined) return verifyRepository(repositoryFolder, given, context);
    const project = await openProject(given, context);
    if (!project.ok) return project;
    const { outDir, config } = project.value;
    const verified = await verifyOutputs(outDir);
    if (!verified.ok) return verified;
    const repository = join(outDir, config.triton.repository);
    const lint = existsSync(repository) ? await lintOf(repository, false) : [];
    const { files, bytes, problems } = verified.value;
    const failed = problems.length > 0 || lint.length > 0;
    if (given.flag('json')) {
      context.print(`${JSON.stringify({ ...verified.value, lint }, null, 2)}\n`);
      return ok(failed ? 1 : 0);
    }
    for (const { path, problem, expected, actual } of problems) {
      context.print(`${problem.padEnd(10)} ${path}\n`);
      if (actual) context.print(`           expected ${expected}\n           found    ${actual}\n`);
    }
    for (const problem of lint) context.print(lintLine(problem));
    context.print(`${files - problems.length} of ${files} files are as built (${formatBytes(bytes)})\n`);
    if (problems.length > 0) context.note('td build restores them\n');
    return ok(failed ? 1 : 0);
  },
};

const lintLine = ({ model, rule, message }: LintProblem): string => `lint       ${model}: ${message} (${rule})\n`;

async function verifyRepository(
  path: string,
  given: Arguments,
  context: CommandContext,
): Promise<Result<number, Failure>> {
  const folder = resolve(context.cwd, path);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    return fail(usageFailure('repository-missing', 'there is no such folder', { where: folder }));
  }
  const lint = await lintOf(folder, true);
  if (given.flag('json')) context.print(`${JSON.stringify({ lint }, null, 2)}\n`);
  else {
    for (const problem of lint) context.print(lintLine(problem));
    const models = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory()).length;
    context.print(`${models} models, ${lint.length === 0 ? 'no problems' : `${lint.length} problems`}\n`);
  }
  return ok(lint.length === 0 ? 0 : 1);
}

/** @param completes what others write may leave to the server what it can find out */
async function lintOf(repository: string, completes: boolean): Promise<LintProblem[]> {
  const [{ lintRepository }, { readModelInterface }] = await Promise.all([
    import('../../triton/lint.js'),
    import('../../triton/model-interface.js'),
  ]);
  return lintRepository(repository, { readInterface: readModelInterface, completes });
}
