import { ok } from '../../util/result.js';
import { INPUT_OPTIONS } from '../client-inputs.js';
import { CONFIG_OPTION, type Command, OUT_OPTION } from '../command.js';
import { LOAD_OPTIONS } from '../load-options.js';
import { ENDPOINT_OPTIONS } from '../open-client.js';
import { openProject } from '../project.js';
import { BUILD_OPTIONS, buildProject, exitCodeOf, speaksToPeople } from '../run-build.js';
import { printVerdicts } from '../verdicts.js';

export const command: Command = {
  name: 'bench',
  usage: '[MODEL[/TARGET[/PRECISION]] ...] [OPTIONS]',
  summary:
    'Measures the artefacts again, building what is not there yet; with --url, puts load on a model of a server.',
  options: {
    ...CONFIG_OPTION,
    ...OUT_OPTION,
    ...BUILD_OPTIONS,
    ...ENDPOINT_OPTIONS,
    url: { type: 'string', placeholder: 'URL', help: 'of a KServe v2 server: load on its model MODEL' },
    ...LOAD_OPTIONS,
    ...INPUT_OPTIONS,
  },
  async run(given, context) {
    if (given.text('url') !== undefined) return (await import('../bench-live.js')).benchLive(given, context);
    const project = await openProject(given, context, { only: ['benchmark', 'report'] });
    if (!project.ok) return project;
    const again = [...project.value.plan.tasks.values()]
      .filter(task => task.stage === 'benchmark')
      .map(task => task.id);
    const outcome = await buildProject(project.value, given, context, new Set(again));
    if (!outcome.ok) return outcome;
    if (speaksToPeople(given)) printVerdicts(project.value, context, outcome.value);
    return ok(exitCodeOf(outcome.value));
  },
};
