import type { Artefact } from '../config/matrix.js';
import type { ResolvedConfig } from '../config/resolved.js';
import type { Json } from '../util/json.js';
import { asList, type BuiltArtefact, labelsOf, mixInputs, modelInputs, type PlannedModel } from './planned.js';
import type { PlanDraft } from './stage-tasks.js';
import { joinedEngine, joinedFile, tritonArtefact } from './triton-artefacts.js';

/** Tasks for which a Triton repository is written. */
export const TRITON_TASKS: ReadonlySet<string> = new Set([
  'text-classification',
  'text-ranking',
  'feature-extraction',
  'sentence-similarity',
  'token-classification',
  'question-answering',
  'fill-mask',
  'zero-shot-classification',
  'text-generation',
  'text2text-generation',
]);

const GENERATING: ReadonlySet<string> = new Set(['text-generation', 'text2text-generation']);

/** The model repository of one model, linted, and the weights beside it. */
export function planTriton(
  draft: PlanDraft,
  config: ResolvedConfig,
  { model, folder }: PlannedModel,
  built: readonly BuiltArtefact[],
): void {
  const { maxBatchSize = model.shapes.batch.max, dynamicBatching, repository, compat, server } = config.triton;
  const id = `${model.name}/triton`;
  const language = languageBackendOf(config, { model });
  draft.add(
    'triton',
    id,
    {
      model: model.name,
      task: model.task,
      artefacts: built.map(({ artefact }) => tritonArtefact(artefact, config, model)),
      maxBatchSize,
      largestBatch: model.shapes.batch.max,
      dynamicBatching: dynamicBatching ? (dynamicBatching as unknown as Json) : false,
      server: server as unknown as Json,
      sequence: asList(model.shapes.sequence),
      compat,
      ...(language ? { languageModel: { backend: language, engine: engineArguments(model, config) } } : {}),
    },
    {
      ...modelInputs(built),
      ...mixInputs(built),
      config: folder.config,
      tokenizer: folder.tokenizer,
      generationConfig: GENERATING.has(model.task) ? folder.generationConfig : undefined,
    },
    { memoryMiB: 150 },
  );
  const gates = built.map(({ validate }) => validate);
  draft.deliver({ task: id, output: 'repository' }, repository, gates, { model: model.name });
  // vLLM and TensorRT-LLM read the checkpoint.
  for (const { artefact, modelTask, isEngine } of language ? [] : built) {
    const parts = model.task !== 'text2text-generation' ? MODEL : isEngine ? ENGINES : FILES;
    const joined = joinedEngine(artefact, config);
    for (const [part, files] of Object.entries(parts)) {
      const to = `${repository}/${networkName(artefact, config, compat, part)}/1`;
      // A server refuses a model without its configuration, so weights come with it or not at all.
      const put = (from: { readonly path?: string }, at: string): void =>
        draft.deliver({ task: modelTask, output: 'model', ...from }, at, [...gates, id], labelsOf(artefact));
      if (joined) {
        // Their description comes with the repository: each artefact knows its own engine only.
        for (const path of files.length === 0 ? ['model.plan'] : files.filter(file => file.endsWith('.plan'))) {
          put({ path }, `${to}/${joinedFile(path, joined)}`);
        }
        continue;
      }
      if (files.length === 0) put({}, to);
      for (const path of files) put({ path }, `${to}/${path}`);
    }
  }
}

/** The networks of a model, and which of its files each needs: all of them where none is named. */
type Parts = Readonly<Record<string, readonly string[]>>;

const MODEL: Parts = { model: [] };
const FILES: Parts = { encoder: [], decoder: [] };
/** An engine has all its weights itself; its description says what it takes. */
const ENGINES: Parts = {
  encoder: ['encoder_model.plan', 'engine.json'],
  decoder: ['decoder_model.plan', 'engine.json'],
  'decoder-with-past': ['decoder_with_past_model.plan', 'engine.json'],
};

/** Who runs the model instead of what is built of it; undefined for what is built. */
export const languageBackendOf = (
  { triton: { backend } }: ResolvedConfig,
  { model }: Pick<PlannedModel, 'model'>,
): Exclude<ResolvedConfig['triton']['backend'], 'onnx'> | undefined =>
  backend !== 'onnx' && model.task === 'text-generation' ? backend : undefined;

/** What the backend is started with: the checkpoint where the Hub has it, and over that what the configuration says. */
export const engineArguments = (
  { source }: PlannedModel['model'],
  { triton }: ResolvedConfig,
): { readonly [argument: string]: Json } => ({
  ...(source.kind === 'hub' ? { model: source.repository, revision: source.revision } : {}),
  ...triton.backendOptions,
});

/** The network's folder in the Triton repository; what stands beside it is named by the stage, which calls this one the same. */
function networkName(artefact: Artefact, config: ResolvedConfig, compat: string, part: string): string {
  const { model, target, precision } = artefact;
  const { targets } = config;
  const shown = joinedEngine(artefact, config)?.target ?? target;
  if (compat !== 'els-rd') return `${model}-${shown}-${precision}-${part}`;
  const base = `${model}_${targets[target]!.engine === 'tensorrt' ? 'tensorrt' : 'onnx'}`;
  return part === 'model' ? `${base}_model` : `${base}_${part.replaceAll('-', '_')}_model`;
}
