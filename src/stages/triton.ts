import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Stage } from '../build/task.js';
import { modelFilesOf } from '../runtime/open-model.js';
import { type EngineFacts, readDescription } from '../tensorrt/description.js';
import { rangeOfDim } from '../tensorrt/profiles.js';
import { askedNetwork } from '../triton/asked-network.js';
import { generation } from '../triton/generation.js';
import { type LanguageBackend, languageModel } from '../triton/language-model.js';
import { lintRepository } from '../triton/lint.js';
import { readModelInterface } from '../triton/model-interface.js';
import { elsRdNamesOf, namesOf } from '../triton/names.js';
import type {
  Artefact,
  Batching,
  ModelInterface,
  Repository,
  RepositoryFacts,
  RepositoryFile,
} from '../triton/repository.js';
import type { ServerSettings } from '../triton/server-settings.js';
import { tokenizedNetwork } from '../triton/tokenized-network.js';
import { type Failure, taskFailure, together, usageFailure } from '../util/failure.js';
import { nearest } from '../util/nearest.js';
import { fail, ok, type Result } from '../util/result.js';
import { type JoinableArtefact, joinEngines, joinedDescription, placedNetworks } from './joined-engines.js';
import { readMix } from './mix-folder.js';
import { generationFacts } from './triton-generation.js';
import { tokenizerFacts, warmupTexts } from './triton-tokenizer.js';

export interface TritonParams {
  readonly model: string;
  readonly task: string;
  readonly artefacts: readonly Omit<JoinableArtefact, 'networks' | 'profiles' | 'threads'>[];
  readonly maxBatchSize: number;
  readonly dynamicBatching: boolean | Partial<NonNullable<Batching['dynamic']>>;
  readonly server?: ServerSettings;
  /** Who runs the model instead of what was built, and its arguments. */
  readonly languageModel?: { readonly backend: LanguageBackend; readonly engine: Readonly<Record<string, unknown>> };
  /** The model's own largest batch: what a network is given at once where the server makes no batches. */
  readonly largestBatch: number;
  /** Tokens per text: minimum, optimum, maximum. */
  readonly sequence: readonly [min: number, optimum: number, max: number];
  /** Whose names and shapes the clients expect. */
  readonly compat?: 'none' | 'els-rd';
}

/** What each task's repository looks like. To add one: a file in triton/, a line here. */
const REPOSITORIES: Readonly<Record<string, (facts: RepositoryFacts) => Result<Repository, Failure>>> = {
  'text-classification': tokenizedNetwork,
  'text-ranking': tokenizedNetwork,
  'feature-extraction': tokenizedNetwork,
  'sentence-similarity': tokenizedNetwork,
  'token-classification': askedNetwork,
  'question-answering': askedNetwork,
  'fill-mask': askedNetwork,
  'zero-shot-classification': askedNetwork,
  'text-generation': generation,
  'text2text-generation': generation,
};

/**
 * The Triton model repository of one model, for all its artefacts. The networks are not in it: the plan puts each
 * artefact's model folder at `<model>-<target>-<precision>-model/1`. The linter sees them there, and what it finds
 * fails the task.
 */
export const tritonStage: Stage = {
  name: 'triton',
  async run({ params, in: inputs, out }) {
    const given = params as unknown as TritonParams; // the plan's own
    const { model, task, artefacts, sequence, compat = 'none', server = {} } = given;
    const repositoryOf = REPOSITORIES[task];
    if (repositoryOf === undefined) return fail(unknownTask(task));
    if (given.languageModel) return ofLanguageModel(model, given.languageModel, server, out.repository!);
    const isElsRd = compat === 'els-rd';
    const folders = Object.fromEntries(artefacts.map(({ id }) => [id, inputs[`model:${id}`]!]));

    const read: JoinableArtefact[] = [];
    for (const artefact of artefacts) {
      const found = await withNetworks(artefact, folders[artefact.id]!, server.checksum ?? false);
      if (!found.ok) return found;
      const mix = inputs[`mix:${artefact.id}`];
      const threads = mix === undefined ? undefined : readMix(mix).threads;
      read.push({ ...found.value, ...(threads === undefined ? {} : { threads }) });
    }
    const joined = joinEngines(read, folders);
    if (!joined.ok) return joined;
    const double = isElsRd ? doubleEngine(task, joined.value) : undefined;
    if (double) return fail(double);
    const tokenizer = await tokenizerFacts(inputs.tokenizer!, sequence, GENERATING.has(task));
    if (!tokenizer.ok) return tokenizer;
    const batching = batchingOf(given);
    const { text, facts } = tokenizer.value;
    const writing = GENERATING.has(task)
      ? await generationFacts(task, inputs.config!, inputs.generationConfig)
      : ok(undefined);
    if (!writing.ok) return writing;
    const repository = repositoryOf({
      model,
      task,
      names: isElsRd ? elsRdNamesOf(model) : namesOf(model),
      artefacts: joined.value,
      batching,
      largestBatch: given.largestBatch,
      tokenizer: facts,
      warmups: warmupTexts(text, facts.buckets, sequence, batching),
      labels: labelsOf(JSON.parse(await readFile(inputs.config!, 'utf8')) as ModelJson),
      python: await pythonSources(),
      server,
      ...(writing.value ? { generation: writing.value } : {}),
      isElsRd,
    });
    if (!repository.ok) return repository;

    const networks = repository.value.networks.map(({ artefact: id, folder }) => ({
      artefact: joined.value.find(artefact => artefact.id === id)!,
      folder,
    }));
    const descriptions = networks.flatMap(({ artefact, folder }) => joinedDescription(artefact, folder, folders));
    await writeFiles(out.repository!, [...repository.value.files, ...descriptions]);
    const placed = Object.fromEntries(
      networks.flatMap(({ artefact, folder }) => placedNetworks(artefact, folder, folders)),
    );
    return lintFailures(await lintRepository(out.repository!, { readInterface: readModelInterface, placed }));
  },
};

async function writeFiles(folder: string, files: readonly RepositoryFile[]): Promise<void> {
  for (const { path, content } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

async function ofLanguageModel(
  model: string,
  { backend, engine }: NonNullable<TritonParams['languageModel']>,
  server: ServerSettings,
  folder: string,
): Promise<Result<void, Failure>> {
  await writeFiles(folder, languageModel(model, backend, { engine, server, python: await pythonSources() }));
  return lintFailures(await lintRepository(folder, { readInterface: readModelInterface }));
}

/** Tasks whose models write, and pad nothing that they read as text. */
const GENERATING: ReadonlySet<string> = new Set(['text-generation', 'text2text-generation']);

function unknownTask(task: string): Failure {
  const suggestion = nearest(task, Object.keys(REPOSITORIES));
  return usageFailure('triton-task', `there is no Triton repository for the task ${task} yet`, {
    expected: Object.keys(REPOSITORIES).join(', '),
    found: task,
    ...(suggestion === undefined ? {} : { fix: `did you mean '${suggestion}'?` }),
  });
}

/** ELS-RD/transformer-deploy named models by their engine, and had one of each; what clients call of its T5 has one name. */
function doubleEngine(task: string, artefacts: readonly Artefact[]): Failure | undefined {
  const isOneModel = task === 'text2text-generation';
  const nameOf = ({ engine }: Artefact) => (isOneModel ? '' : engine);
  const double = artefacts.find((artefact, index) =>
    artefacts.slice(0, index).some(other => nameOf(other) === nameOf(artefact)),
  );
  if (double === undefined) return undefined;
  const alike = artefacts.filter(artefact => nameOf(artefact) === nameOf(double));
  return usageFailure('triton-compat', 'the names of els-rd do not tell these artefacts apart', {
    where: 'triton.compat',
    expected: isOneModel ? 'one artefact' : `one artefact for ${double.engine}`,
    found: alike.map(({ id }) => id).join(', '),
    fix: `build one target in one precision${isOneModel ? '' : ' for each engine'}, or remove compat`,
  });
}

const PYTHON_SOURCES = new URL('../triton/python/', import.meta.url);

async function pythonSources(): Promise<RepositoryFacts['python']> {
  const names = (await readdir(PYTHON_SOURCES)).filter(name => name.endsWith('.py'));
  const sources = names.map(async name => [name, await readFile(new URL(name, PYTHON_SOURCES))] as const);
  return Object.fromEntries(await Promise.all(sources));
}

/** What the files of an artefact take and give. */
async function withNetworks(
  artefact: TritonParams['artefacts'][number],
  folder: string,
  readContents: boolean,
): Promise<Result<JoinableArtefact, Failure>> {
  const contents: Record<string, Uint8Array> = {};
  const networks: Record<string, ModelInterface> = {};
  const engines = artefact.engine === 'tensorrt' ? readDescription(folder).engines : undefined;
  for (const file of engines ? Object.keys(engines) : modelFilesOf(folder)) {
    const found = await readModelInterface(join(folder, file));
    if (!found.ok) return found;
    networks[file] = found.value;
    if (readContents) contents[file] = await readFile(join(folder, file));
  }
  return ok({
    ...artefact,
    networks,
    ...(readContents ? { contents } : {}),
    ...(engines ? engineFacts(Object.values(engines)) : {}),
  });
}

/** All engines of an artefact have as many profiles; the one with a cache says how many tokens fit. */
function engineFacts(engines: readonly EngineFacts[]): Pick<Artefact, 'profiles' | 'longestCache'> {
  const lengths = engines.flatMap(({ inputs, profiles }) =>
    PAST_LENGTHS.flatMap(length => rangeOfDim(inputs, profiles, length)?.[1] ?? []),
  );
  return {
    profiles: engines[0]!.profiles.length,
    ...(lengths.length > 0 ? { longestCache: Math.max(...lengths) } : {}),
  };
}

/** What exports call the tokens in a cache. */
const PAST_LENGTHS = ['past_sequence_length', 'past_decoder_sequence_length'];

function batchingOf({
  maxBatchSize,
  dynamicBatching,
}: Pick<TritonParams, 'maxBatchSize' | 'dynamicBatching'>): Batching {
  if (dynamicBatching === false) return { maxBatchSize };
  const given = dynamicBatching === true ? {} : dynamicBatching;
  return { maxBatchSize, dynamic: { maxQueueDelayMicroseconds: 0, preferredBatchSizes: [], ...given } };
}

interface ModelJson {
  readonly id2label?: Readonly<Record<string, string>>;
  readonly problem_type?: string | null;
}

/** Labels by column; none for a regression, whose only column is a score. */
function labelsOf({ id2label, problem_type: problem }: ModelJson): string[] | undefined {
  const ids = Object.keys(id2label ?? {}).sort((a, b) => Number(a) - Number(b));
  if (id2label === undefined || ids.length < 2 || problem === 'regression') return undefined;
  // A label is a line of a file.
  return ids.map(id => id2label[id]!.replace(/\s+/g, ' '));
}

function lintFailures(problems: Awaited<ReturnType<typeof lintRepository>>): Result<void, Failure> {
  const [first, ...others] = problems.map(({ rule, message, where }) =>
    taskFailure('triton-lint', message, { where, details: [`rule: ${rule}`] }),
  );
  return first
    ? fail(together('triton-lint', 'the Triton repository would not load', [first, ...others]))
    : ok(undefined);
}
