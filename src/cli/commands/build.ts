import type { BuildOutcome } from '../../build/build.js';
import type { Failure } from '../../util/failure.js';
import { ok, type Result } from '../../util/result.js';
import { CONFIG_OPTION, type Command, OUT_OPTION } from '../command.js';
import { openProject, type Project } from '../project.js';
import { BUILD_OPTIONS, buildProject, exitCodeOf, speaksToPeople } from '../run-build.js';
import { STAGE_OPTIONS } from '../stage-options.js';
import { printVerdicts } from '../verdicts.js';
import { printPlan } from './plan.js';

export const command: Command = {
  name: 'build',
  usage: '[MODEL[/TARGET[/PRECISION]] ...] [OPTIONS]',
  summary: 'Builds what the config declares, running only what changed.',
  options: {
    ...CONFIG_OPTION,
    ...OUT_OPTION,
    ...BUILD_OPTIONS,
    ...STAGE_OPTIONS,
    frozen: { type: 'boolean', help: 'fail unless every source is what td.lock says' },
    'dry-run': { type: 'boolean', short: 'n', help: 'tell what would run, and run nothing' },
  },
  async run(given, context) {
    const frozen = given.flag('frozen');
    const project = await openProject(given, context, { pins: frozen ? 'require' : 'follow' });
    if (!project.ok) return project;
    if (frozen) {
      const { checkLock } = await import('../lock-file.js');
      const same = await checkLock(project.value);
      if (!same.ok) return same;
    }
    if (given.flag('dry-run')) return printPlan(project.value, given.flag('json'), context);
    const outcome = await buildProject(project.value, given, context);
    if (!outcome.ok) return outcome;
    const lines = frozen ? ok([]) : await lockNewChoices(project.value, outcome.value);
    if (!lines.ok) return lines;
    if (speaksToPeople(given)) for (const line of lines.value) context.note(`td.lock: ${line}\n`);
    const { summary, failures } = outcome.value;
    const isNews = summary.run > 0 || failures.length > 0;
    if (isNews && speaksToPeople(given)) printVerdicts(project.value, context, outcome.value);
    return ok(exitCodeOf(outcome.value));
  },
};

/** What 'auto' became, as npm does with versions: the build that chooses also locks. Nothing is loaded where there is nothing to lock. */
async function lockNewChoices(project: Project, { tasks }: BuildOutcome): Promise<Result<readonly string[], Failure>> {
  const isOpen = project.artefacts.some(({ id, precision }) => precision === 'auto' && !project.choices.has(id));
  return isOpen ? (await import('../choices.js')).lockChoices(project, tasks) : ok([]);
}
