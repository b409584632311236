import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuildOutcome } from '../build/build.js';
import { openStores, type Stores } from '../build/stores.js';
import type { TaskId } from '../build/task.js';
import type { Choice } from '../choice/choice.js';
import { mixText } from '../choice/mix.js';
import type { Artefact } from '../config/matrix.js';
import type { ResolvedConfig } from '../config/resolved.js';
import { type Choices, choiceSettings, chooseTask } from '../plan/choice-tasks.js';
import type { PlannedModel } from '../plan/planned.js';
import { packageVersion, packageVersionOfThis } from '../plan/tools.js';
import { writeFileAtomic } from '../util/atomic-file.js';
import { type Failure, together, usageFailure } from '../util/failure.js';
import { canonicalJson, type Json, prettyJson } from '../util/json.js';
import { fail, ok, type Result } from '../util/result.js';
import type { PinUse } from './open-models.js';
import { type ChoiceBasis, type LockFile, lockMissing, lockPath, readLock } from './pins.js';
import type { Project } from './project.js';
import { sourceDigests } from './source-digests.js';

interface ChoiceOptions {
  readonly cacheDirectory: string;
  /** 'require': every choice must be locked, and hold. */
  readonly pins: PinUse;
  note(text: string): void;
}

/**
 * What td.lock has of artefacts of the precision 'auto', as far as it was chosen for what there is now. Of others a note says what changed:
 * they are chosen anew. Nothing is read where there are none. Failures: 'lock-missing', 'lock-mismatch', 'lock-malformed'.
 */
export async function lockedChoices(
  config: ResolvedConfig,
  models: readonly PlannedModel[],
  artefacts: readonly Artefact[],
  { cacheDirectory, pins, note }: ChoiceOptions,
): Promise<Result<Choices, Failure>> {
  const wanted = artefacts.filter(({ precision }) => precision === 'auto');
  const choices = new Map<string, Choice>();
  if (wanted.length === 0) return ok(choices);
  const lock = readLock(config.root);
  if (!lock.ok) return lock;
  if (!lock.value && pins === 'require') return fail(lockMissing(config.root));
  const failures: Failure[] = [];
  const stores = openStores(cacheDirectory, config.root);
  try {
    for (const { id, model } of wanted) {
      const locked = lock.value?.choices?.[id];
      if (!locked) {
        failures.push(notLocked(id));
        continue;
      }
      const planned = models.find(candidate => candidate.model.name === model)!;
      const basis = await basisOf(planned, config, stores);
      if (!basis.ok) return basis;
      const differences = basisDifferences(id, locked.basis, basis.value);
      failures.push(...differences);
      if (differences.length === 0) choices.set(id, locked.choice);
      else if (pins === 'follow') note(`${id}: ${differences.map(differenceText).join('; ')}; it is chosen anew\n`);
    }
  } finally {
    await stores.close();
  }
  const [first, ...rest] = failures;
  if (first && pins === 'require')
    return fail(together('lock-mismatch', 'choices are not what td.lock says', [first, ...rest]));
  return ok(choices);
}

/**
 * After a build: choices that it made or found in the cache, and delivered, go into td.lock, which is made where there is none. Returns
 * the artefacts and what they became.
 */
export async function lockChoices(
  project: Project,
  tasks: BuildOutcome['tasks'],
): Promise<Result<readonly string[], Failure>> {
  const { config, outDir, artefacts, models, choices } = project;
  const lock = readLock(config.root);
  if (!lock.ok) return lock;
  const made: Record<string, NonNullable<LockFile['choices']>[string]> = {};
  const stores = openStores(project.cacheDirectory, config.root);
  try {
    for (const { id, model, folder, precision } of artefacts) {
      const path = join(outDir, 'models', folder, 'choice.json');
      if (precision !== 'auto' || choices.has(id) || !existsSync(path)) continue;
      const status = tasks.get(chooseTask(id) as TaskId)?.status;
      if (status !== 'run' && status !== 'reused') continue;
      const basis = await basisOf(models.find(candidate => candidate.model.name === model)!, config, stores);
      if (!basis.ok) return basis;
      made[id] = { basis: basis.value, choice: JSON.parse(readFileSync(path, 'utf8')) as Choice };
    }
  } finally {
    await stores.close();
  }
  if (Object.keys(made).length === 0) return ok([]);
  const all = Object.entries({ ...lock.value?.choices, ...made }).sort(([a], [b]) => (a < b ? -1 : 1));
  const written: LockFile = { version: 1, models: {}, ...lock.value, choices: Object.fromEntries(all) };
  await writeFileAtomic(lockPath(config.root), prettyJson(written));
  return ok(Object.entries(made).map(([id, { choice }]) => `${id} is ${mixText(choice.mix)}`));
}

async function basisOf(
  planned: PlannedModel,
  config: ResolvedConfig,
  stores: Stores,
): Promise<Result<ChoiceBasis, Failure>> {
  const sources = await sourceDigests(planned.folder, stores.files);
  if (!sources.ok) return sources;
  const files: Record<string, string> = {};
  for (const [name, { sha256 }] of Object.entries(sources.value)) files[name] = sha256;
  const { calibration, evaluation } = planned.model;
  for (const [name, data] of Object.entries({ calibration, evaluation })) {
    if (!data) continue;
    await stores.files.read([data.data]);
    const file = stores.files.get(data.data);
    if (!file.ok) return file;
    files[`${name}.data`] = file.value.digest;
  }
  const tools = { 'transformer-deploy': packageVersionOfThis(), onnxruntime: packageVersion('onnxruntime-node') };
  return ok({ files, settings: choiceSettings(planned, config), tools });
}

function basisDifferences(artefact: string, locked: ChoiceBasis, now: ChoiceBasis): readonly Failure[] {
  return (['files', 'settings', 'tools'] as const).flatMap(part => {
    const [before, after] = [locked[part], now[part]] as readonly Readonly<Record<string, Json>>[];
    const names = [...new Set([...Object.keys(before!), ...Object.keys(after!)])].sort();
    return names
      .filter(name => text(before![name]) !== text(after![name]))
      .map(name =>
        usageFailure('lock-mismatch', `${artefact} was chosen for something else`, {
          where: part === 'files' ? name : `${part}.${name}`,
          expected: text(before![name]),
          found: text(after![name]),
          fix: 'if the change is meant, td build chooses anew and locks it',
        }),
      );
  });
}

const text = (value: Json | undefined): string =>
  value === undefined ? 'nothing' : typeof value === 'string' ? value : canonicalJson(value);

const differenceText = ({ where, expected, found }: Failure): string =>
  `${where} ${shortText(expected!)} -> ${shortText(found!)}`;

/** Of a sha256, enough to tell two apart. */
const shortText = (value: string): string => (/^[0-9a-f]{64}$/.test(value) ? value.slice(0, 12) : value);

const notLocked = (artefact: string): Failure =>
  usageFailure('lock-mismatch', `${artefact} has no choice in td.lock`, {
    fix: 'td build chooses and locks it',
  });
