import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import type { ModelConfig } from './model-config.js';
import { DATA_TYPES } from './names.js';
import { networkModel } from './network-model.js';
import { type PythonKind, pythonModel } from './python-model.js';
import {
  type Artefact,
  networkOf,
  type Repository,
  type RepositoryFacts,
  type RepositoryFile,
  textIo,
} from './repository.js';
import { clientSettings, dynamicBatching, pythonSettings } from './server-settings.js';
import { outputProblem, tokenInputs } from './token-inputs.js';

/** A task whose answer is made of what the network says, and given as JSON. */
interface JsonTask {
  readonly kind: PythonKind;
  /** In a message: 'a question answerer'. */
  readonly what: string;
  readonly inputs: readonly string[];
  /** The one output: JSON, a string for each row. */
  readonly output: string;
  /** Of the network. */
  readonly networkOutputs: readonly string[];
  readonly perToken: boolean;
  settings(facts: RepositoryFacts, artefact: Artefact): Result<object, Failure>;
}

/** Labels of one text at most: each costs a row of the network. */
const MAX_CANDIDATE_LABELS = 100;

const JSON_TASKS: Readonly<Record<string, JsonTask>> = {
  'token-classification': {
    kind: 'entities',
    what: 'a token classifier',
    inputs: ['TEXT'],
    output: 'ENTITIES',
    networkOutputs: ['logits'],
    perToken: true,
    settings: ({ labels, tokenizer }, artefact) =>
      ok({
        labels: labels ?? numberedLabels(artefact),
        aggregation_strategy: 'simple',
        continuation: tokenizer.continuation,
      }),
  },
  'question-answering': {
    kind: 'answers',
    what: 'a question answerer',
    inputs: ['QUESTION', 'CONTEXT'],
    output: 'ANSWER',
    networkOutputs: ['start_logits', 'end_logits'],
    perToken: true,
    settings: ({ tokenizer: { maxLength } }) => ok({ stride: Math.min(128, Math.floor(maxLength / 2)) }),
  },
  'fill-mask': {
    kind: 'masks',
    what: 'a masked language model',
    inputs: ['TEXT'],
    output: 'FILLINGS',
    networkOutputs: ['logits'],
    perToken: true,
    settings: ({ tokenizer: { mask }, model }) =>
      mask === undefined
        ? fail(
            usageFailure('tokenizer-mask', 'the tokenizer has no mask token', {
              where: model,
              expected: 'mask_token in tokenizer_config.json',
            }),
          )
        : ok({ mask_token: mask.token, mask_token_id: mask.id, top_k: 5 }),
  },
  'zero-shot-classification': {
    kind: 'zero-shot',
    what: 'an entailment model',
    inputs: ['TEXT', 'CANDIDATE_LABELS'],
    output: 'CLASSES',
    networkOutputs: ['logits'],
    perToken: false,
    settings: ({ labels }, artefact) =>
      ok({
        hypothesis_template: 'This example is {}.',
        ...entailmentColumns(labels ?? numberedLabels(artefact)),
        max_labels: MAX_CANDIDATE_LABELS,
      }),
  },
};

/** As transformers calls labels without names. */
const numberedLabels = (artefact: Artefact): string[] => {
  const columns = Number(
    networkOf(artefact)
      .outputs.find(({ name }) => name === 'logits')
      ?.shape.at(-1),
  );
  return Array.from({ length: columns }, (_, label) => `LABEL_${label}`);
};

/** The column whose name begins with 'entail', else the last one; against it stands the first, or the last where that is it. */
function entailmentColumns(labels: readonly string[]): { readonly entailment: number; readonly contradiction: number } {
  const named = labels.findIndex(label => label.toLowerCase().startsWith('entail'));
  const last = labels.length - 1;
  const entailment = named < 0 ? last : named;
  return { entailment, contradiction: entailment === 0 ? last : 0 };
}

/**
 * Texts in, JSON out: per artefact a network, and a Python model that asks it and is what clients call. Fails ('triton-*',
 * 'tokenizer-mask') where they do not fit.
 */
export function askedNetwork(facts: RepositoryFacts): Result<Repository, Failure> {
  const { names, artefacts } = facts;
  const task = JSON_TASKS[facts.task]!;
  const wanted = tokenInputs(artefacts);
  if (!wanted.ok) return wanted;
  const files: RepositoryFile[] = [];
  for (const artefact of artefacts) {
    const problem = outputProblem(artefact, task.what, task.networkOutputs, facts.labels);
    if (problem) return fail(problem);
    const settings = task.settings(facts, artefact);
    if (!settings.ok) return settings;
    files.push(
      ...networkModel(names.network(artefact), {
        ...facts,
        labels: task.perToken ? undefined : facts.labels,
        artefact,
        file: artefact.engine === 'tensorrt' ? 'model.plan' : 'model.onnx',
        interface: networkOf(artefact),
      }),
      ...askingModel(facts, task, artefact, settings.value),
    );
  }
  return ok({
    files,
    networks: artefacts.map(artefact => ({ artefact: artefact.id, folder: `${names.network(artefact)}/1` })),
  });
}

function askingModel(facts: RepositoryFacts, task: JsonTask, artefact: Artefact, settings: object): RepositoryFile[] {
  const { names, batching, server, isElsRd, largestBatch } = facts;
  const output = isElsRd ? 'output' : task.output;
  const config: ModelConfig = {
    max_batch_size: batching.maxBatchSize,
    input: task.inputs.map(name => (name === 'CANDIDATE_LABELS' ? LABELS : textIo(name, batching))),
    output: [textIo(output, batching)],
    ...clientSettings(server),
    ...pythonSettings(server),
    ...dynamicBatching(batching),
  };
  const inputs = networkOf(artefact).inputs.map(({ name, dtype }) => [name, DATA_TYPES[dtype]]);
  return pythonModel(names.client(artefact, 'inference'), task.kind, facts, config, {
    network: {
      name: names.network(artefact),
      inputs: Object.fromEntries(inputs),
      outputs: task.networkOutputs,
      per_token: task.perToken,
      max_rows: batching.maxBatchSize || largestBatch,
    },
    ...settings,
  });
}

/** As many as the request has: for each row its own, or where the server makes no batches the same for all. */
const LABELS = { name: 'CANDIDATE_LABELS', data_type: 'TYPE_STRING', dims: [-1] } as const;
