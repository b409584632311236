import { ok } from '../../util/result.js';
import { CONFIG_OPTION, type Command, OUT_OPTION } from '../command.js';
import { openProject } from '../project.js';
import { BUILD_OPTIONS, buildProject, exitCodeOf, speaksToPeople } from '../run-build.js';
import { printVerdicts } from '../verdicts.js';

export const command: Command = {
  name: 'validate',
  usage: '[MODEL[/TARGET[/PRECISION]] ...] [OPTIONS]',
  summary: 'Compares each artefact with its fp32 export and its metric, building what is not there yet.',
  options: { ...CONFIG_OPTION, ...OUT_OPTION, ...BUILD_OPTIONS },
  async run(given, context) {
    const project = await openProject(given, context, { skip: ['benchmark', 'report', 'deploy'] });
    if (!project.ok) return project;
    const outcome = await buildProject(project.value, given, context);
    if (!outcome.ok) return outcome;
    if (speaksToPeople(given)) printVerdicts(project.value, context, outcome.value);
    return ok(exitCodeOf(outcome.value));
  },
};
