import type { Failure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import type { ModelConfig } from './model-config.js';
import { networkModel } from './network-model.js';
import { writeModelConfig } from './pbtxt-write.js';
import { pythonModel } from './python-model.js';
import {
  type Artefact,
  ioOf,
  labelFile,
  networkOf,
  type Repository,
  type RepositoryFacts,
  type RepositoryFile,
  type TokenInputs,
  textIo,
  withLabels,
} from './repository.js';
import { clientSettings, dynamicBatching, pythonSettings } from './server-settings.js';
import { outputProblem, tokenInputs } from './token-inputs.js';

/** A task whose answer is what the network says. */
interface TensorTask {
  /** In a message: 'a text classifier'. */
  readonly what: string;
  /** Every request brings a second text, TEXT_PAIR. */
  readonly pairs: boolean;
  /** The output that clients get; of several, the first that the network has. */
  readonly outputs: readonly [string, ...string[]];
}

const TENSOR_TASKS: Readonly<Record<string, TensorTask>> = {
  'text-classification': { what: 'a text classifier', pairs: false, outputs: ['logits'] },
  'text-ranking': { what: 'a re-ranker', pairs: true, outputs: ['logits'] },
  'feature-extraction': {
    what: 'a model of features',
    pairs: false,
    outputs: ['sentence_embedding', 'last_hidden_state'],
  },
  'sentence-similarity': { what: 'a model of embeddings', pairs: false, outputs: ['sentence_embedding'] },
};

/**
 * Texts in, tensors out: one tokenizer for all artefacts of the model, and per artefact a network and an ensemble of the two. `logits`
 * are given as they are: softmax or sigmoid is the caller's, who knows which of them the labels mean. Fails ('triton-*') where the
 * networks need what the tokenizer cannot give, or disagree with the labels.
 */
export function tokenizedNetwork(facts: RepositoryFacts): Result<Repository, Failure> {
  const { names, artefacts } = facts;
  const task = TENSOR_TASKS[facts.task]!;
  const wanted = tokenInputs(artefacts);
  if (!wanted.ok) return wanted;
  for (const artefact of artefacts) {
    const problem = outputProblem(artefact, task.what, [outputOf(artefact, task)], facts.labels);
    if (problem) return fail(problem);
  }
  const tokenizers = new Map(artefacts.map(artefact => [names.tokenizer(artefact), artefact]));
  return ok({
    files: [
      ...[...tokenizers.keys()].flatMap(name => tokenizerModel(name, facts, task, wanted.value)),
      ...artefacts.flatMap(artefact => [
        ...networkModel(names.network(artefact), {
          ...facts,
          artefact,
          file: artefact.engine === 'tensorrt' ? 'model.plan' : 'model.onnx',
          interface: networkOf(artefact),
        }),
        ...ensemble(facts, task, artefact),
      ]),
    ],
    networks: artefacts.map(artefact => ({ artefact: artefact.id, folder: `${names.network(artefact)}/1` })),
  });
}

/** The output that clients get. */
function outputOf(artefact: Artefact, { outputs }: TensorTask): string {
  const has = networkOf(artefact).outputs.map(({ name }) => name);
  return outputs.find(name => has.includes(name)) ?? outputs[0];
}

const textNames = ({ pairs }: TensorTask): readonly string[] => (pairs ? ['TEXT', 'TEXT_PAIR'] : ['TEXT']);

/** Texts -> what the networks read, padded to length buckets. */
function tokenizerModel(
  name: string,
  facts: RepositoryFacts,
  task: TensorTask,
  outputs: TokenInputs,
): RepositoryFile[] {
  const { batching, tokenizer, server } = facts;
  const config: ModelConfig = {
    max_batch_size: batching.maxBatchSize,
    input: textNames(task).map(text => textIo(text, batching)),
    output: [...outputs].map(([output, dtype]) => {
      const shape = output === 'prompt_length' ? ['batch_size'] : ['batch_size', 'sequence_length'];
      return ioOf({ name: output, dtype, shape }, batching);
    }),
    ...pythonSettings(server),
    ...dynamicBatching(batching),
  };
  const { text: prompt, length } = tokenizer.prompt;
  return pythonModel(name, 'tokenize', facts, config, {
    prompt,
    prompt_length: length,
    lower_case: tokenizer.lowerCase,
  });
}

/** What clients call. */
function ensemble(facts: RepositoryFacts, task: TensorTask, artefact: Artefact): RepositoryFile[] {
  const { names, batching, labels, server, isElsRd } = facts;
  const name = names.client(artefact, 'inference');
  const network = networkOf(artefact);
  const given = outputOf(artefact, task);
  const shown = isElsRd ? 'output' : given;
  const identity = (tensors: readonly string[]) => Object.fromEntries(tensors.map(tensor => [tensor, tensor]));
  const tokens = identity(network.inputs.map(input => input.name));
  const output = { ...ioOf(network.outputs.find(other => other.name === given)!, batching), name: shown };
  const config: ModelConfig = {
    name,
    platform: 'ensemble',
    max_batch_size: batching.maxBatchSize,
    input: textNames(task).map(text => textIo(text, batching)),
    output: [withLabels(output, given === 'logits' ? labels : undefined, shown)],
    ...clientSettings(server),
    ensemble_scheduling: {
      step: [
        {
          model_name: names.tokenizer(artefact),
          model_version: -1,
          input_map: identity(textNames(task)),
          output_map: tokens,
        },
        {
          model_name: names.network(artefact),
          model_version: -1,
          input_map: tokens,
          output_map: { [given]: shown },
        },
      ],
    },
  };
  return [
    { path: `${name}/config.pbtxt`, content: writeModelConfig(config) },
    ...(given === 'logits' ? labelFile(name, labels) : []),
    // The server wants a version folder, and git and object stores keep no empty ones.
    { path: `${name}/1/.keep`, content: '' },
  ];
}
