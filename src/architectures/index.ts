import { type Failure, together, usageFailure } from '../util/failure.js';
import { nearest } from '../util/nearest.js';
import { fail, ok, type Result } from '../util/result.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import type { Architecture, Graphs } from './architecture.js';
import { CheckpointWeights } from './checkpoint-weights.js';
import { Place } from './place.js';
import { type ConfigJson, type ConfigProblem, labels } from './read-config.js';
import { readSentenceModel, type SentenceModel } from './sentence-transformers.js';
import { declaredHeads, type Head, headOf, readTask, type Task, tasksOf } from './tasks.js';

/** Every family of models that can be exported, by `model_type`; loaded when asked for. To add one: one file, one line. */
export const ARCHITECTURES: Readonly<Record<string, () => Promise<Architecture>>> = {
  albert: async () => (await import('./albert.js')).albert,
  bart: async () => (await import('./bart.js')).bart,
  bert: async () => (await import('./bert.js')).bert,
  bloom: async () => (await import('./bloom.js')).bloom,
  camembert: async () => (await import('./roberta.js')).camembert,
  deberta: async () => (await import('./deberta.js')).deberta,
  'deberta-v2': async () => (await import('./deberta-v2.js')).debertaV2,
  distilbert: async () => (await import('./distilbert.js')).distilbert,
  electra: async () => (await import('./electra.js')).electra,
  gemma2: async () => (await import('./gemma2.js')).gemma2,
  gemma3_text: async () => (await import('./gemma3-text.js')).gemma3Text,
  gpt2: async () => (await import('./gpt2.js')).gpt2,
  gpt_neo: async () => (await import('./gpt-neo.js')).gptNeo,
  gpt_neox: async () => (await import('./gpt-neox.js')).gptNeox,
  gptj: async () => (await import('./gptj.js')).gptj,
  llama: async () => (await import('./llama.js')).llama,
  mistral: async () => (await import('./mistral.js')).mistral,
  marian: async () => (await import('./marian.js')).marian,
  mbart: async () => (await import('./mbart.js')).mbart,
  modernbert: async () => (await import('./modernbert.js')).modernbert,
  mpnet: async () => (await import('./mpnet.js')).mpnet,
  mt5: async () => (await import('./t5.js')).mt5,
  nomic_bert: async () => (await import('./nomic-bert.js')).nomicBert,
  opt: async () => (await import('./opt.js')).opt,
  phi3: async () => (await import('./phi3.js')).phi3,
  qwen2: async () => (await import('./qwen2.js')).qwen2,
  qwen3: async () => (await import('./qwen3.js')).qwen3,
  roberta: async () => (await import('./roberta.js')).roberta,
  t5: async () => (await import('./t5.js')).t5,
  vit: async () => (await import('./vit.js')).vit,
  whisper: async () => (await import('./whisper.js')).whisper,
  'xlm-roberta': async () => (await import('./roberta.js')).xlmRoberta,
};

/** What config.json alone tells about a model and a task. No weights are looked at. */
export interface ModelFacts {
  readonly modelType: string;
  readonly task: Task;
  /** The longest sequence that the model can take; undefined where nothing limits it. */
  readonly maxSequence: number | undefined;
  /** Names of the classes in the order of the logits; empty where the outputs are not classes. */
  readonly labels: readonly string[];
}

/** A checkpoint as graphs, float32, for one task: one by the name model.onnx, or an encoder and a decoder. */
export interface ExportedModel extends ModelFacts {
  readonly graphs: Graphs;
}

/**
 * The family that config.json names, one of `more` before one of the list: families of the user's own. `where` is the
 * model folder, for messages.
 */
export async function findArchitecture(
  { model_type: modelType }: ConfigJson,
  where: string,
  more: readonly Architecture[] = [],
): Promise<Result<Architecture, Failure>> {
  const given = more.find(known => known.modelType === modelType);
  if (given) return ok(given);
  if (typeof modelType === 'string' && Object.hasOwn(ARCHITECTURES, modelType)) {
    return ok(await ARCHITECTURES[modelType]!());
  }
  const known = [...Object.keys(ARCHITECTURES), ...more.map(architecture => architecture.modelType)];
  return fail(architectureUnknown(modelType, known, where));
}

/**
 * Checks whether a model can do a task as far as config.json tells: unknown task, settings that are not supported, a head
 * that the checkpoint was not saved with. `where` is the model folder, for messages.
 */
export function readModelFacts(
  architecture: Architecture,
  configJson: ConfigJson,
  taskName: string,
  where: string,
): Result<ModelFacts, Failure> {
  const chosen = choose(architecture, configJson, taskName, where);
  return chosen.ok ? ok(chosen.value.facts) : chosen;
}

/**
 * Writes the graphs of a checkpoint of this family for one task of the Hub. Weights are referenced, nothing is read or
 * copied. Every input, output and dimension has its name by the Hub's convention.
 */
export function exportGraph(
  architecture: Architecture,
  checkpoint: Checkpoint,
  { task }: { readonly task: string },
): Result<ExportedModel, Failure> {
  const chosen = choose(architecture, checkpoint.configJson, task, checkpoint.folder);
  if (!chosen.ok) return chosen;
  const { config, facts } = chosen.value;
  const head = headOf(facts.task);
  const sentence = sentenceModelOf(checkpoint, facts.task);
  if (!sentence.ok) return sentence;

  const built = build(architecture, config, head, checkpoint, sentence.value);
  const [problem, ...more] = built.problems;
  if (problem === undefined) return ok({ ...facts, graphs: built.graphs });
  if (built.lacksHead && sentence.value === undefined) {
    const able = headsOf(architecture, checkpoint.configJson).filter(
      other => build(architecture, config, other, checkpoint).problems.length === 0,
    );
    return fail(taskImpossible(facts.task, able, checkpoint.folder, 'no weights of a head for this task'));
  }
  return fail(together('weights-invalid', 'the weights do not fit the model', [problem, ...more]));
}

interface Choice {
  readonly config: unknown;
  readonly facts: ModelFacts;
}

function choose(
  architecture: Architecture,
  configJson: ConfigJson,
  taskName: string,
  where: string,
): Result<Choice, Failure> {
  const task = readTask(taskName);
  if (!task.ok) return task;
  const heads = headsOf(architecture, configJson);
  if (!heads.includes(headOf(task.value))) {
    return fail(taskImpossible(task.value, heads, where, savedAs(configJson)));
  }

  const config = architecture.readConfig(configJson);
  if (!config.ok) {
    const [first, ...rest] = config.error.map(problem => configFailure(problem, where));
    return fail(together('model-config', 'config.json asks for what cannot be exported', [first!, ...rest]));
  }
  const facts: ModelFacts = {
    modelType: architecture.modelType,
    task: task.value,
    maxSequence: architecture.maxSequence(config.value),
    labels: labelsOf(headOf(task.value), configJson),
  };
  return ok({ config: config.value, facts });
}

/** Vectors of whole texts are made as modules.json says; vectors of tokens need none. */
function sentenceModelOf(checkpoint: Checkpoint, task: Task): Result<SentenceModel | undefined, Failure> {
  if (task !== 'sentence-similarity' && task !== 'feature-extraction') return ok(undefined);
  const read = readSentenceModel(checkpoint);
  if (!read.ok || read.value !== undefined || task === 'feature-extraction') return read;
  return fail(
    usageFailure('modules-missing', 'nothing says how one vector is made of the tokens of a text', {
      where: checkpoint.folder,
      expected: 'modules.json and the folders it names, as SentenceTransformer.save writes them',
      found: 'a checkpoint without modules.json',
      fix: "download the whole model folder; for vectors of tokens use task: 'feature-extraction'",
    }),
  );
}

/** Heads whose logits are those of classes. */
const LABELLED: ReadonlySet<Head> = new Set([
  'sequence-classification',
  'token-classification',
  'image-classification',
]);

function labelsOf(head: Head, configJson: ConfigJson): readonly string[] {
  if (!LABELLED.has(head)) return [];
  const read = labels.read(configJson);
  return read.ok ? read.value : [];
}

/** The heads of the family, without those that config.json rules out. */
function headsOf(architecture: Architecture, configJson: ConfigJson): readonly Head[] {
  const heads = Object.keys(architecture.heads) as Head[];
  const declared = declaredHeads(configJson);
  return declared === undefined ? heads : heads.filter(head => declared.includes(head));
}

interface Built {
  readonly graphs: Graphs;
  readonly problems: readonly Failure[];
  /** The base model is there and every weight above it is missing: a checkpoint for something else. */
  readonly lacksHead: boolean;
}

function build(
  architecture: Architecture,
  config: unknown,
  head: Head,
  checkpoint: Checkpoint,
  sentence?: SentenceModel,
): Built {
  const weights = new CheckpointWeights(sentence?.checkpoint ?? checkpoint, architecture.basePrefix);
  const root = new Place(weights);
  const graphsOf = (): Graphs => {
    if (head === 'conditional-generation' || head === 'speech-to-text') return architecture.heads[head]!(root, config);
    const base = architecture.heads[head]!(root, config);
    return { 'model.onnx': sentence ? sentence.onBase(root, base) : base };
  };
  const graphs = graphsOf();
  return { graphs, problems: weights.check(architecture.leftOut), lacksHead: weights.lacksHead };
}

function architectureUnknown(modelType: unknown, known: readonly string[], where: string): Failure {
  const meant = typeof modelType === 'string' ? nearest(modelType, known) : undefined;
  return usageFailure('architecture-unknown', 'this family of models cannot be exported yet', {
    where: `${where}/config.json: model_type`,
    expected: `one of ${known.join(', ')}`,
    found: modelType === undefined ? 'nothing' : JSON.stringify(modelType),
    fix: `${meant === undefined ? '' : `did you mean "${meant}"? If not, `}use exporter: 'torch', or write it yourself: docs/adding-an-architecture.md`,
  });
}

const savedAs = ({ architectures }: ConfigJson): string =>
  Array.isArray(architectures) && architectures.length > 0
    ? `a checkpoint saved as ${architectures.join(', ')}`
    : 'a family without a head for it';

const taskImpossible = (task: Task, able: readonly Head[], where: string, found: string): Failure =>
  usageFailure('task-impossible', `this checkpoint cannot do ${task}`, {
    where,
    expected: `one of its tasks: ${tasksOf(able).join(', ') || 'none'}`,
    found,
    fix: 'change the task, or use a checkpoint that was trained for it',
  });

const configFailure = ({ key, expected, found, fix }: ConfigProblem, where: string): Failure =>
  usageFailure('model-config', 'config.json asks for what cannot be exported', {
    where: `${where}/config.json: ${key}`,
    expected,
    found,
    ...(fix === undefined ? {} : { fix }),
  });
