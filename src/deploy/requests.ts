import { requestOf } from '../client/client.js';
import type { InputTensor } from '../client/tensors.js';
import { inferRequestToMessage } from '../kserve/grpc-messages.js';
import { serviceProto } from '../kserve/grpc-service.js';
import { writeInferRequest } from '../kserve/http-body.js';
import type { InferRequest } from '../kserve/messages.js';
import type { Message, ModelConfig } from '../triton/model-config.js';
import { prettyJson } from '../util/json.js';
import type { DeployFile } from './deployment.js';

/** A model that clients call, and what td.json beside its code says. */
export interface ServedModel {
  readonly config: ModelConfig;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Those that take texts and are no step of an ensemble: the others serve them. */
export function modelsForClients(models: readonly ServedModel[]): ServedModel[] {
  const steps = new Set(
    models.flatMap(({ config }) => config.ensemble_scheduling?.step?.map(step => step.model_name) ?? []),
  );
  return models.filter(
    ({ config }) => !steps.has(config.name) && config.input?.some(({ data_type: type }) => type === 'TYPE_STRING'),
  );
}

/** Sample requests for each model, and the protocol for clients over gRPC. Each is answered with 200 by a server of the repository. */
export function requestFiles(models: readonly ServedModel[]): DeployFile[] {
  const served = modelsForClients(models);
  if (served.length === 0) return [];
  return [{ path: 'requests/inference.proto', content: serviceProto() }, ...served.flatMap(filesOf)];
}

function filesOf(model: ServedModel): DeployFile[] {
  const { config } = model;
  const name = config.name!;
  const inputs = sampleInputs(model);
  const request = orThrow(requestOf({ inputs }));
  const isDecoupled = config.model_transaction_policy?.decoupled === true;
  const at = (file: string): string => `requests/${name}/${file}`;
  const grpc: DeployFile = { path: at('grpc.json'), content: prettyJson(grpcJson(name, request)) };
  if (isDecoupled) {
    const body = Object.fromEntries(
      Object.entries(inputs).map(([input, { data }]) => [input, (data as (string | boolean)[])[0]]),
    );
    return [
      { path: at('generate.json'), content: prettyJson(body) },
      grpc,
      script(at('curl.sh'), name, 'ModelStreamInfer', [
        [
          'Answers as they come.',
          `generate_stream" --no-buffer --header 'Content-Type: application/json' --data-binary @generate.json`,
        ],
      ]),
    ];
  }
  const json = orThrow(writeInferRequest(request, { binary: false }));
  const binary = orThrow(writeInferRequest(orThrow(requestOf({ inputs, binary: true })), { binary: true }));
  return [
    { path: at('request.json'), content: json.bytes },
    { path: at('request.bin'), content: binary.bytes },
    grpc,
    script(at('curl.sh'), name, 'ModelInfer', [
      ['Tensors as JSON.', `infer" --header 'Content-Type: application/json' --data-binary @request.json`],
      [
        'Tensors as bytes, there and back.',
        `infer" --header 'Content-Type: application/octet-stream' --header 'Inference-Header-Content-Length: ${binary.jsonLength}' --data-binary @request.bin --output "\${TMPDIR:-/tmp}/response.bin"`,
      ],
    ]),
  ];
}

const script = (
  path: string,
  model: string,
  method: 'ModelInfer' | 'ModelStreamInfer',
  calls: readonly (readonly [why: string, call: string])[],
): DeployFile => ({
  path,
  content: `#!/bin/sh
# sh curl.sh [URL]; over gRPC, in this folder:
#   grpcurl -plaintext -import-path .. -proto inference.proto -d @ localhost:8001 inference.GRPCInferenceService/${method} < grpc.json
set -eu
url=\${1:-http://localhost:8000}
cd "$(dirname "$0")"
${calls.map(([why, call]) => `\n# ${why}\ncurl --silent --show-error --fail-with-body "$url/v2/models/${model}/${call}\n`).join('')}`,
});

/** By the names that our models' inputs have; `[MASK]` stands for the tokenizer's own. */
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  TEXT: ['My parcel has not arrived, where is it?'],
  TEXT_PAIR: ['A parcel is tracked on the page of its order.'],
  QUESTION: ['Where is the parcel?'],
  CONTEXT: ['The parcel left Berlin on Monday and is in Paris now.'],
  CANDIDATE_LABELS: ['delivery', 'payment', 'returns'],
  text_input: ['Once upon a time'],
};
const OTHER_SAMPLE = ['A text.'];
/** Of models that write: whether pieces are wanted. */
const STREAM = 'stream';
const MASKED = (mask: string): readonly string[] => [`The parcel is in ${mask} now.`];

/** One row of each input that must be given, and the wish for pieces where a model has both. */
function sampleInputs({ config, settings }: ServedModel): Readonly<Record<string, InputTensor>> {
  const mask = typeof settings.mask_token === 'string' ? settings.mask_token : undefined;
  const given = (config.input ?? []).filter(({ name, optional }) => optional !== true || name === STREAM);
  return Object.fromEntries(
    given.map((input): [string, InputTensor] => {
      const name = input.name!;
      if (name === STREAM) return [name, { datatype: 'BOOL', shape: shapeOf(input, 1, config), data: [true] }];
      const texts = name === 'TEXT' && mask !== undefined ? MASKED(mask) : (SAMPLES[name] ?? OTHER_SAMPLE);
      const dims = (input.dims ?? []).map(Number);
      const data = dims.every(dim => dim === 1) ? texts.slice(0, 1) : texts;
      return [name, { datatype: 'BYTES', shape: shapeOf(input, data.length, config), data }];
    }),
  );
}

function shapeOf(
  { dims = [] }: Message<'ModelInput'>,
  elements: number,
  { max_batch_size = 0 }: ModelConfig,
): number[] {
  const open = dims.findLastIndex(dim => Number(dim) < 0);
  const shape = dims.map((dim, index) => (index === open ? elements : Math.max(1, Number(dim))));
  return max_batch_size > 0 ? [1, ...shape] : shape;
}

/** As protobuf's JSON writes it: bytes in base64, int64 as text. */
const grpcJson = (name: string, request: InferRequest): object => {
  const { model_name, inputs, raw_input_contents: raw = [] } = inferRequestToMessage({ name }, request);
  return {
    model_name,
    inputs: inputs?.map(({ name, datatype, shape = [] }) => ({ name, datatype, shape: shape.map(String) })),
    raw_input_contents: raw.map(bytes => Buffer.from(bytes).toString('base64')),
  };
};

/** The samples are ours: that one cannot be written is a bug. */
function orThrow<T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown },
): T {
  if (!result.ok) throw new Error(`internal error: ${JSON.stringify(result.error)}`);
  return result.value;
}
