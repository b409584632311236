#!/usr/bin/env node
import type { Command, CommandContext } from './command.js';

/** name -> summary and module. The module is loaded only when its command is given: `td build` must start fast. */
const COMMANDS: Readonly<Record<string, { readonly summary: string; load(): Promise<{ command: Command }> }>> = {
  init: { summary: 'write a config that builds', load: () => import('./commands/init.js') },
  build: {
    summary: 'build what the config declares; runs only what changed',
    load: () => import('./commands/build.js'),
  },
  convert: { summary: 'the same for one model, without a config', load: () => import('./commands/convert.js') },
  plan: { summary: 'what would run, and why, in minutes and bytes', load: () => import('./commands/plan.js') },
  explain: { summary: 'why a task would run, field by field', load: () => import('./commands/explain.js') },
  graph: { summary: 'the task graph, or the text of a model', load: () => import('./commands/graph.js') },
  validate: { summary: 'the verdict on every artefact', load: () => import('./commands/validate.js') },
  bench: { summary: 'measure the artefacts again, or a live server', load: () => import('./commands/bench.js') },
  infer: { summary: 'one inference on a built artefact', load: () => import('./commands/infer.js') },
  client: { summary: 'call any KServe v2 server', load: () => import('./commands/client.js') },
  serve: { summary: 'serve the built Triton repository, for tests', load: () => import('./commands/serve.js') },
  report: { summary: 'the report of the last build', load: () => import('./commands/report.js') },
  verify: { summary: 'check what is on disk against its manifest', load: () => import('./commands/verify.js') },
  lock: { summary: 'pin the sources in td.lock', load: () => import('./commands/lock.js') },
  cache: { summary: 'stat, ls, gc, verify, pin, unpin', load: () => import('./commands/cache.js') },
  doctor: { summary: 'what this machine has and lacks', load: () => import('./commands/doctor.js') },
  clean: { summary: 'remove what builds wrote here', load: () => import('./commands/clean.js') },
};

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const [name = '', ...rest] = argv;
  const context = processContext();
  if (name === '--version' || name === 'version') {
    const { packageVersionOfThis } = await import('../plan/tools.js');
    context.print(`${packageVersionOfThis()}\n`);
    return 0;
  }
  if (name === '' || name === '--help' || name === '-h' || name === 'help') {
    const topic = COMMANDS[rest[0] ?? ''];
    if (topic && name === 'help') return help((await topic.load()).command, context);
    context.print(overview());
    return name === '' ? 2 : 0;
  }
  const entry = COMMANDS[name];
  if (!entry) return unknownCommand(name, context);
  const { command } = await entry.load();
  if (rest.includes('--help') || rest.includes('-h')) return help(command, context);

  const { parseArguments } = await import('./arguments.js');
  const given = parseArguments(name, command.options, rest);
  const result = given.ok ? await command.run(given.value, context) : given;
  if (result.ok) return result.value;
  return (await import('./command.js')).report(result.error, context);
}

/** Ctrl-C once: stop cleanly. Twice: at once. */
function processContext(): CommandContext {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      controller.abort();
    });
  }
  // A reader that has seen enough (`td graph | head`) is no error.
  process.stdout.on('error', error => {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    cwd: process.cwd(),
    signal: controller.signal,
    print: text => void process.stdout.write(text),
    note: text => void process.stderr.write(text),
  };
}

function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map(name => name.length));
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: td COMMAND [OPTIONS]

${lines.join('\n')}

td COMMAND --help tells its options; td --version the version.
Exit codes: 0 done, 1 a task or a gate failed, 2 usage or config, 3 the environment lacks something,
            4 cache integrity, 130 interrupted.
`;
}

async function help(command: Command, context: CommandContext): Promise<number> {
  const { optionsHelp } = await import('./arguments.js');
  const notes = command.notes ? `\n${command.notes}\n` : '';
  context.print(
    `Usage: td ${command.name} ${command.usage}\n\n${command.summary}\n\n${optionsHelp(command.options)}\n${notes}`,
  );
  return 0;
}

async function unknownCommand(name: string, context: CommandContext): Promise<number> {
  const [{ nearest }, { usageFailure }, { report }] = await Promise.all([
    import('../util/nearest.js'),
    import('../util/failure.js'),
    import('./command.js'),
  ]);
  const meant = nearest(name, Object.keys(COMMANDS));
  return report(
    usageFailure('unknown-command', `td has no command '${name}'`, {
      fix: meant ? `did you mean 'td ${meant}'?` : 'td --help lists the commands',
    }),
    context,
  );
}
