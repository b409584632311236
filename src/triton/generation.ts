import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import type { Message, ModelConfig } from './model-config.js';
import { DATA_TYPES, type NetworkPart } from './names.js';
import { networkModel } from './network-model.js';
import { pythonModel } from './python-model.js';
import {
  type Artefact,
  type Batching,
  type GenerationFacts,
  ioOf,
  type ModelInterface,
  type Repository,
  type RepositoryFacts,
  type RepositoryFile,
} from './repository.js';
import { clientSettings, pythonSettings } from './server-settings.js';

/** The server makes no batches of what generation asks: the lengths of caches differ, and the Python model batches by itself. */
const UNBATCHED: Batching = { maxBatchSize: 0 };

/**
 * Texts that go on: per artefact a decoder with a cache, or an encoder and a decoder (two, as engines), and a Python model that asks them
 * token by token and is what clients call. Fails ('triton-output-missing') where a network is no decoder.
 */
export function generation(facts: RepositoryFacts): Result<Repository, Failure> {
  const { names, artefacts } = facts;
  const files: RepositoryFile[] = [];
  const networks: { artefact: string; folder: string }[] = [];
  for (const artefact of artefacts) {
    const parts = partsOf(artefact);
    if (!parts.ok) return parts;
    for (const { file, part, network } of parts.value) {
      const name = names.network(artefact, part);
      // A cache is empty at the beginning, which no warm-up can say: its dimensions are 1 or more.
      files.push(
        ...networkModel(name, {
          artefact,
          file,
          interface: network,
          batching: UNBATCHED,
          warmups: [],
          server: facts.server,
        }),
      );
      networks.push({ artefact: artefact.id, folder: `${name}/1` });
    }
    files.push(...writingModel(facts, artefact, parts.value));
  }
  return ok({ files, networks });
}

interface Part {
  readonly file: string;
  readonly part?: NetworkPart;
  readonly network: ModelInterface;
}

/** File names without their ending. */
const PARTS: Readonly<Record<string, NetworkPart>> = {
  encoder_model: 'encoder',
  decoder_model: 'decoder',
  decoder_model_merged: 'decoder',
  decoder_with_past_model: 'decoder-with-past',
};

function partsOf({ id, networks }: Artefact): Result<readonly Part[], Failure> {
  const parts = Object.entries(networks).map(([file, network]): Part => {
    const part = PARTS[file.replace(/\.\w+$/, '')];
    return part ? { file, network, part } : { file, network };
  });
  const decoder = parts.find(({ part }) => part === 'decoder-with-past') ?? decoderOf(parts);
  if (
    decoder.network.outputs.some(({ name }) => name === 'logits') &&
    decoder.network.inputs.some(({ name }) => name.startsWith('past_key_values.'))
  ) {
    return ok(parts);
  }
  return fail(
    usageFailure('triton-output-missing', 'a model that writes must have a cache and the output logits', {
      where: id,
      expected: 'inputs past_key_values.N.key and .value, and an output logits',
      found: decoder.network.inputs.map(({ name }) => name).join(', '),
    }),
  );
}

/** The one that is called first. */
const decoderOf = (parts: readonly Part[]): Part => parts.find(({ part }) => part === undefined || part === 'decoder')!;

function writingModel(facts: RepositoryFacts, artefact: Artefact, parts: readonly Part[]): RepositoryFile[] {
  const { names, isElsRd, server, generation: writing } = facts;
  const asked = ({ part, network }: Part) => ({
    name: names.network(artefact, part),
    inputs: network.inputs.map(input => ({
      name: input.name,
      type: DATA_TYPES[input.dtype],
      dims: ioOf(input, UNBATCHED).dims,
    })),
    outputs: network.outputs.map(({ name }) => name),
  });
  const encoder = parts.find(({ part }) => part === 'encoder');
  const later = parts.find(({ part }) => part === 'decoder-with-past');
  const io = isElsRd ? rowsIo(encoder ? 'OUTPUT_TEXT' : 'output') : STREAMING_IO;
  const config: ModelConfig = { max_batch_size: 0, ...io, ...clientSettings(server), ...pythonSettings(server) };
  return pythonModel(names.client(artefact, encoder ? 'text-to-text' : 'generate'), 'generate', facts, config, {
    decoupled: !isElsRd,
    prepend_input: !encoder,
    prefix: writing?.prefix ?? '',
    positions: positionsOf(artefact, writing),
    start_token_id: writing?.startTokenId ?? null,
    generation: writing?.settings ?? {},
    encoder: encoder ? asked(encoder) : null,
    decoder: asked(decoderOf(parts)),
    decoder_with_past: later ? asked(later) : null,
  });
}

/** Tokens that a text may have, what it begins with included: as many as the model knows positions, and the engine has room for. */
function positionsOf({ longestCache }: Artefact, writing: GenerationFacts | undefined): number | null {
  const positions = Math.min(writing?.positions ?? Number.POSITIVE_INFINITY, longestCache ?? Number.POSITIVE_INFINITY);
  return Number.isFinite(positions) ? positions : null;
}

const rowsIo = (output: string): Pick<ModelConfig, 'input' | 'output'> => ({
  input: [{ name: 'TEXT', data_type: 'TYPE_STRING', dims: [-1] }],
  output: [{ name: output, data_type: 'TYPE_STRING', dims: [-1] }],
});

const optional = (name: string, type: 'TYPE_BOOL' | 'TYPE_STRING'): Message<'ModelInput'> => ({
  name,
  data_type: type,
  dims: [1],
  optional: true,
});

/** As the vLLM backend has them: a client of the one is a client of the other. */
const STREAMING_IO: Pick<ModelConfig, 'input' | 'output' | 'model_transaction_policy'> = {
  input: [
    { name: 'text_input', data_type: 'TYPE_STRING', dims: [1] },
    optional('stream', 'TYPE_BOOL'),
    optional('sampling_parameters', 'TYPE_STRING'),
    optional('exclude_input_in_output', 'TYPE_BOOL'),
  ],
  output: [{ name: 'text_output', data_type: 'TYPE_STRING', dims: [1] }],
  model_transaction_policy: { decoupled: true },
};
