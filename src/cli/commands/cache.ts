import { cacheStatistics, listCache, verifyCache } from '../../build/cache-admin.js';
import { collectGarbage } from '../../build/gc.js';
import { readManifest } from '../../build/manifest.js';
import { listPins, pin, unpin } from '../../build/pins.js';
import { hubFiles, removePartials } from '../../hub/kept-files.js';
import { type Failure, usageFailure } from '../../util/failure.js';
import { count, formatBytes, formatDuration } from '../../util/format.js';
import { nearest } from '../../util/nearest.js';
import { fail, ok, type Result } from '../../util/result.js';
import { type Arguments, numberProblem } from '../arguments.js';
import { CONFIG_OPTION, type Command, type CommandContext, OUT_OPTION } from '../command.js';
import { cacheDirectory, openProject } from '../project.js';

const DAY_MILLISECONDS = 86_400_000;

type Action = (given: Arguments, context: CommandContext, directory: string) => Promise<Result<number, Failure>>;

const ACTIONS: Readonly<Record<string, Action>> = { stat, ls, gc, verify, pin: pinBuild, unpin: unpinBuild };

export const command: Command = {
  name: 'cache',
  usage: 'stat|ls|gc|verify|pin|unpin [ARGUMENT] [OPTIONS]',
  summary: 'Looks after the cache.',
  options: {
    ...CONFIG_OPTION,
    ...OUT_OPTION,
    'max-size': {
      type: 'string',
      placeholder: 'MB',
      help: 'gc: megabytes to bring the cache below (default: the cap of the config)',
    },
    'max-age': { type: 'string', placeholder: 'DAYS', help: 'gc: remove what was not used for so long' },
    'dry-run': { type: 'boolean', short: 'n', help: 'gc: only tell what would go' },
    json: { type: 'boolean', help: 'as JSON on stdout' },
  },
  notes: `  stat            how much there is
  ls [TASK]       results, the last used first; TASK: only those of a model or task
  gc              remove the longest unused, and downloads that broke off more than a day ago, or --max-age
  verify          read every byte again; what is wrong goes to quarantine
  pin NAME        keep what the output folder was made of, whatever gc does
  unpin NAME`,
  async run(given, context) {
    const [name = 'stat'] = given.positionals;
    const action = ACTIONS[name];
    if (action) return action(given, context, await cacheDirectory(given, context));
    const meant = nearest(name, Object.keys(ACTIONS));
    return fail(
      usageFailure('unknown-command', `td cache has no '${name}'`, {
        expected: Object.keys(ACTIONS).join(', '),
        ...(meant ? { fix: `did you mean 'td cache ${meant}'?` } : {}),
      }),
    );
  },
};

async function stat(given: Arguments, context: CommandContext, directory: string): Promise<Result<number, Failure>> {
  const statistics = { ...cacheStatistics(directory), hub: hubFiles(directory) };
  if (given.flag('json')) {
    context.print(`${JSON.stringify(statistics, null, 2)}\n`);
    return ok(0);
  }
  const { blobs, bytes, actions, quarantined, pins, hub } = statistics;
  context.print(`${directory}\n${count(actions, 'result')}, ${count(blobs, 'file')}, ${formatBytes(bytes)}\n`);
  if (hub.metadataBytes > 0)
    context.print(`${formatBytes(hub.metadataBytes)} of configurations and tokenizers from the Hub\n`);
  if (hub.partialBytes > 0) context.print(`${formatBytes(hub.partialBytes)} of unfinished downloads from the Hub\n`);
  if (pins > 0) context.print(`${count(pins, 'pin')}\n`);
  if (quarantined > 0)
    context.print(`${count(quarantined, 'file')} in quarantine: they were not what they claimed to be\n`);
  return ok(0);
}

async function ls(given: Arguments, context: CommandContext, directory: string): Promise<Result<number, Failure>> {
  const entries = listCache(directory, given.positionals[1]);
  if (given.flag('json')) {
    context.print(`${JSON.stringify(entries, null, 2)}\n`);
    return ok(0);
  }
  for (const { key, task, bytes, lastUse, complete } of entries) {
    const age = formatDuration(Math.max(0, Date.now() - lastUse));
    context.print(
      `${key.slice(0, 12)}  ${formatBytes(bytes).padStart(7)}  ${age.padStart(11)} ago  ${task}${complete ? '' : '  incomplete'}\n`,
    );
  }
  return ok(0);
}

async function gc(given: Arguments, context: CommandContext, directory: string): Promise<Result<number, Failure>> {
  const invalid = numberProblem(given, 'max-size', 0) ?? numberProblem(given, 'max-age', 0);
  if (invalid) return fail(invalid);
  const project = await openProject({ ...given, positionals: [] }, context);
  const [megabytes, days] = [given.number('max-size'), given.number('max-age')];
  const cap = project.ok ? project.value.config.cache.maxBytes : undefined;
  const maxBytes = megabytes === undefined ? cap : megabytes * 1e6;
  const report = await collectGarbage(directory, {
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(days === undefined ? {} : { maxAgeMilliseconds: days * DAY_MILLISECONDS }),
    dryRun: given.flag('dry-run'),
  });
  const removedPartialBytes = removePartials(directory, {
    maxAgeMilliseconds: (days ?? 1) * DAY_MILLISECONDS,
    dryRun: given.flag('dry-run'),
  });
  if (given.flag('json')) {
    context.print(`${JSON.stringify({ ...report, removedPartialBytes }, null, 2)}\n`);
    return ok(0);
  }
  const { bytesBefore, bytesAfter, removedActions, keptActions } = report;
  const verb = given.flag('dry-run') ? 'would go' : 'removed';
  context.print(
    `${count(removedActions, 'result')} ${verb} (${formatBytes(bytesBefore - bytesAfter)}), ${keptActions} kept (${formatBytes(bytesAfter)})\n`,
  );
  if (removedPartialBytes > 0) context.print(`${formatBytes(removedPartialBytes)} of unfinished downloads ${verb}\n`);
  return ok(0);
}

async function verify(given: Arguments, context: CommandContext, directory: string): Promise<Result<number, Failure>> {
  const verified = await verifyCache(directory);
  if (!verified.ok) return verified;
  const { blobs, bytes, actions, problems } = verified.value;
  if (given.flag('json')) {
    context.print(`${JSON.stringify(verified.value, null, 2)}\n`);
  } else {
    for (const { path, problem, detail } of problems) context.print(`${problem.padEnd(18)}${path}  ${detail}\n`);
    context.print(
      `${count(blobs, 'file')} and ${count(actions, 'result')} read (${formatBytes(bytes)}), ${count(problems.length, 'problem')}\n`,
    );
  }
  return ok(problems.length > 0 ? 4 : 0);
}

async function pinBuild(
  given: Arguments,
  context: CommandContext,
  directory: string,
): Promise<Result<number, Failure>> {
  const name = given.positionals[1];
  if (name === undefined) return fail(usageFailure('pin-name', 'which name?', { fix: 'td cache pin release-1' }));
  const project = await openProject({ ...given, positionals: [] }, context);
  if (!project.ok) return project;
  const manifest = readManifest(project.value.outDir);
  if (!manifest.ok) return manifest;
  const actions = [...new Set(manifest.value.map(file => file.action))];
  const pinned = await pin(directory, name, actions);
  if (!pinned.ok) return pinned;
  context.note(`pinned ${count(actions.length, 'result')} as ${name}\n`);
  return ok(0);
}

async function unpinBuild(
  given: Arguments,
  context: CommandContext,
  directory: string,
): Promise<Result<number, Failure>> {
  const name = given.positionals[1];
  if (name === undefined) {
    const names = listPins(directory).map(known => known.name);
    return fail(usageFailure('pin-name', 'which pin?', { expected: names.join(', ') || 'there is none' }));
  }
  const gone = unpin(directory, name);
  if (!gone.ok) return gone;
  context.note(`unpinned ${name}\n`);
  return ok(0);
}
