import type { InferOptions, TritonClient } from '../../client/client.js';
import type { ModelMetadata } from '../../client/messages.js';
import type { Outcome } from '../../client/transport.js';
import { type Failure, usageFailure } from '../../util/failure.js';
import { type Json, prettyJson } from '../../util/json.js';
import { nearest } from '../../util/nearest.js';
import { fail, ok, type Result } from '../../util/result.js';
import type { Arguments } from '../arguments.js';
import { callFailure } from '../client-failure.js';
import { INPUT_OPTIONS, readInputs } from '../client-inputs.js';
import { resultJson, resultText, statisticsText } from '../client-text.js';
import type { Command, CommandContext } from '../command.js';
import { ENDPOINT_OPTIONS, openClient } from '../open-client.js';

export const command: Command = {
  name: 'client',
  usage: 'infer|metadata|config|stats|ready|index|load|unload [MODEL] [OPTIONS]',
  summary: 'Calls a server that speaks the KServe v2 inference protocol.',
  options: {
    ...ENDPOINT_OPTIONS,
    ...INPUT_OPTIONS,
    top: { type: 'string', placeholder: 'N', help: 'the N best labels instead of every output' },
    version: { type: 'string', placeholder: 'V', help: "of the model (default: the server's choice)" },
    stream: { type: 'boolean', help: 'print answers as they come (generate_stream; over gRPC ModelStreamInfer)' },
    binary: { type: 'boolean', help: 'tensors as bytes instead of JSON numbers' },
    json: { type: 'boolean', help: 'answers as JSON, one a line' },
  },
  notes: `Examples:
  td client infer intents-cpu-fp32 --text "where is my parcel"
  td client infer writer --text "Once upon" --input 'sampling_parameters={"max_tokens": 20}' --stream
  td client stats intents-cpu-fp32 --url grpc://localhost:8001`,
  async run(given, context) {
    const [name = '', model, ...rest] = given.positionals;
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name]! : undefined;
    if (action === undefined) return fail(unknownAction(name));
    if (rest.length > 0)
      return fail(usageFailure('too-many-arguments', `what is '${rest[0]}'?`, { fix: 'td client --help' }));
    if (action.model === 'needed' && model === undefined) {
      return fail(usageFailure('model-not-named', 'which model?', { fix: `td client ${name} MODEL` }));
    }
    const client = openClient(given);
    if (!client.ok) return client;
    try {
      return await action.run({ client: client.value, given, context, model: model ?? '' });
    } finally {
      await client.value.close();
    }
  },
};

interface Call {
  readonly client: TritonClient;
  readonly given: Arguments;
  readonly context: CommandContext;
  /** '' where none was named. */
  readonly model: string;
}

interface Action {
  readonly model: 'needed' | 'optional' | 'none';
  run(call: Call): Promise<Result<number, Failure>>;
}

/** Prints what came, or reports why nothing did. */
async function present<T>(
  call: Call,
  outcome: Outcome<T>,
  text: (value: T) => string,
): Promise<Result<number, Failure>> {
  if (!outcome.ok) return fail(await callFailure(outcome.error, call.client, call.model || undefined));
  call.context.print(text(outcome.value));
  return ok(0);
}

/** Of the model and the version that were named; cancelled by Ctrl-C. */
const callOptions = ({ given, context }: Call) => ({
  signal: context.signal,
  ...(given.text('version') === undefined ? {} : { version: given.text('version')! }),
});

const ACTIONS: Readonly<Record<string, Action>> = {
  infer: { model: 'needed', run: infer },
  metadata: {
    model: 'optional',
    async run(call) {
      const { client, model } = call;
      return model === ''
        ? present(call, await client.serverMetadata(callOptions(call)), prettyJson)
        : present(call, await client.modelMetadata(model, callOptions(call)), prettyJson);
    },
  },
  config: {
    model: 'needed',
    run: async call => present(call, await call.client.modelConfig(call.model, callOptions(call)), prettyJson),
  },
  stats: {
    model: 'optional',
    async run(call) {
      const statistics = await call.client.statistics(call.model || undefined, callOptions(call));
      return present(call, statistics, call.given.flag('json') ? prettyJson : statisticsText);
    },
  },
  ready: {
    model: 'optional',
    async run(call) {
      const { client, model, context, given } = call;
      const ready = await client.ready({ ...callOptions(call), ...(model === '' ? {} : { model }) });
      if (!ready.ok) return present(call, ready, String);
      context.print(
        given.flag('json') ? `${JSON.stringify({ ready: ready.value })}\n` : ready.value ? 'ready\n' : 'not ready\n',
      );
      return ok(ready.value ? 0 : 1);
    },
  },
  index: {
    model: 'none',
    run: async call =>
      present(call, await call.client.repositoryIndex(callOptions(call)), entries =>
        call.given.flag('json')
          ? prettyJson(entries)
          : entries
              .map(
                ({ name, version, state, reason }) => `${[name, version, state, reason].filter(Boolean).join('  ')}\n`,
              )
              .join(''),
      ),
  },
  load: {
    model: 'needed',
    run: async call => present(call, await call.client.loadModel(call.model, callOptions(call)), () => 'loaded\n'),
  },
  unload: {
    model: 'needed',
    run: async call => present(call, await call.client.unloadModel(call.model, callOptions(call)), () => 'unloaded\n'),
  },
};

async function infer(call: Call): Promise<Result<number, Failure>> {
  const { client, given, context, model } = call;
  const top = Number(given.text('top') ?? 0);
  if (!(Number.isInteger(top) && top >= 0)) {
    return fail(usageFailure('invalid-option', '--top is not a whole number', { found: given.text('top')! }));
  }
  const metadata = await client.modelMetadata(model, callOptions(call));
  if (!metadata.ok) return fail(await callFailure(metadata.error, client, model));
  const read = await readInputs(metadata.value, given, context.cwd);
  if (!read.ok) return read;
  const inputs = read.value;
  if (Object.keys(inputs).length === 0) {
    return fail(
      usageFailure('input-missing', 'no inputs', { fix: 'give --text, --input NAME=VALUE or --data FILE.json' }),
    );
  }
  const options: InferOptions = {
    ...callOptions(call),
    inputs: given.flag('stream') ? { ...wishForPieces(metadata.value), ...inputs } : inputs,
    binary: given.flag('binary'),
    ...(top > 0 ? { outputs: metadata.value.outputs.map(({ name }) => ({ name, classification: top })) } : {}),
  };
  if (given.flag('stream')) return stream(call, options);
  return present(
    call,
    await client.infer(model, options),
    given.flag('json') ? value => `${resultJson(value)}\n` : resultText,
  );
}

/** Models that write, ours and vLLM's, give their text in pieces where this input says so. */
function wishForPieces({ inputs }: ModelMetadata): InferOptions['inputs'] {
  const wish = inputs.find(({ name, datatype }) => name === 'stream' && datatype === 'BOOL');
  return wish ? { stream: { datatype: 'BOOL', shape: wish.shape.map(() => 1), data: [true] } } : {};
}

/** Answers as they come: over HTTP as JSON objects, of which the text is printed, over gRPC as tensors. */
async function stream(call: Call, options: InferOptions): Promise<Result<number, Failure>> {
  const { client, given, context, model } = call;
  if (client.endpoint.protocol === 'grpc') {
    for await (const part of client.streamInfer(model, options)) {
      const presented = await present(call, part, given.flag('json') ? value => `${resultJson(value)}\n` : resultText);
      if (!presented.ok) return presented;
    }
    return ok(0);
  }
  const members = Object.entries(options.inputs).map(
    ([name, input]) => [name, generateValue(input as { data: Json })] as const,
  );
  for await (const part of client.generateStream(model, Object.fromEntries(members), callOptions(call))) {
    const presented = await present(call, part, value =>
      given.flag('json') || typeof value.text_output !== 'string' ? `${JSON.stringify(value)}\n` : value.text_output,
    );
    if (!presented.ok) return presented;
  }
  if (!given.flag('json')) context.print('\n');
  return ok(0);
}

/** /generate takes a value or a flat list. */
function generateValue({ data }: { readonly data: Json }): Json {
  const flat = Array.isArray(data) ? (data.flat(Number.POSITIVE_INFINITY) as Json[]) : [data];
  return flat.length === 1 ? flat[0]! : flat;
}

function unknownAction(name: string): Failure {
  const actions = Object.keys(ACTIONS);
  const meant = nearest(name, actions);
  return usageFailure('unknown-action', name === '' ? 'what shall be asked?' : `td client has no '${name}'`, {
    expected: `one of ${actions.join(', ')}`,
    ...(meant === undefined ? {} : { fix: `did you mean 'td client ${meant}'?` }),
  });
}
