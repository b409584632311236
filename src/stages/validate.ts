import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Stage, StageContext } from '../build/task.js';
import { EXCLUDED } from '../quantization/products.js';
import { integerMatMuls, type ProductCount, type ProductForm, productFormOf } from '../quantization/proof.js';
import { cacheInputs, firstCall } from '../runtime/generation/cache.js';
import { type EncoderDecoderSessions, modelFilesOf, type OpenedModel, openModel } from '../runtime/open-model.js';
import type { Provider, Session } from '../runtime/session.js';
import { isEngine } from '../tensorrt/description.js';
import { type Failure, interrupted } from '../util/failure.js';
import { prettyJson } from '../util/json.js';
import { fail, mapped, ok, type Result } from '../util/result.js';
import { casesForCache, decodeInParts, writeInParts } from '../validation/cached-decoding.js';
import { Comparison, differenceOf } from '../validation/compare.js';
import { evaluate } from '../validation/evaluation.js';
import { compareMetric } from '../validation/metric-verdict.js';
import { evaluatorFor } from '../validation/metrics/index.js';
import { comparePerplexity, scoreTexts } from '../validation/perplexity.js';
import { judgePlacement, type Placement, placementOf } from '../validation/placement.js';
import {
  isLogits,
  type Reference,
  type ReferenceEvaluation,
  type ReferenceTexts,
  readReference,
} from '../validation/reference.js';
import { toleranceFor } from '../validation/tolerances.js';
import { type EvaluationValidation, judge, type OutputValidation, type Validation } from '../validation/verdict.js';
import { writeAgain } from '../validation/writing.js';
import { readMix } from './mix-folder.js';

export interface ValidateParams {
  /** 'intents/cpu/int8-dynamic'. */
  readonly artefact: string;
  readonly task: string;
  readonly precision: string;
  /** Largest absolute difference; the precision's own limits when absent. */
  readonly tolerance?: number;
  readonly metric?: string;
  readonly maxDrop?: number;
  /** What runs the model; ONNX Runtime's CPU unless given. Not for engines. */
  readonly provider?: Provider;
}

/**
 * Runs an artefact on the reference's inputs and applies every gate. Inputs: `model`, `reference`; of the precision 'auto' also
 * `mix`, which says what it is made of, and `quantization`, the quantiser's report. The evaluation data is part of the reference, tokenised.
 */
export const validateStage: Stage = {
  name: 'validate',
  async run(context) {
    const given = context.params as unknown as ValidateParams;
    const params = context.in.mix === undefined ? given : { ...given, precision: readMix(context.in.mix).precision };
    const reference = readReference(context.in.reference!);
    if (!reference.ok) return reference;
    const measured = await validationOf(context, params, reference.value);
    if (!measured.ok) return measured;
    const verdict = judge(measured.value);
    if (!verdict.ok) return verdict;
    const placement = params.provider
      ? await placed(context, params.artefact, params.provider, reference.value)
      : undefined;
    if (placement && !placement.ok) return placement;
    await writeFile(
      context.out.validation!,
      prettyJson({ ...verdict.value, ...(placement ? { placement: placement.value } : {}) }),
    );
    return ok(undefined);
  },
};

/** Everything that a verdict is made of, for the model folder that is the context's input `model`. */
export async function validationOf(
  context: StageContext,
  params: ValidateParams,
  reference: Reference,
): Promise<Result<Validation, Failure>> {
  const folder = context.in.model!;
  // What an engine computes in was proved when it was built; what TensorRT compiles for ONNX Runtime cannot be looked into.
  const isCompiled = isEngine(folder) || params.provider === 'tensorrt';
  const form = isCompiled ? undefined : productFormOf(params.precision);
  const model = isEngine(folder)
    ? (await import('./engine-session.js')).openEngine(context, folder)
    : await openModel(folder, {
        spinning: false,
        ...(params.provider ? { provider: params.provider } : {}),
        ...(form ? { executedFolder: context.scratch } : {}),
      });
  if (!model.ok) return model;
  try {
    const measured = await measure(context, params, reference, model.value);
    if (!measured.ok || !form) return measured;
    const excluded = context.in.quantization === undefined ? {} : excludedProducts(context.in.quantization);
    const proof = await countProducts(context.scratch, modelFilesOf(folder), form, excluded);
    return mapped(proof, integerMatMuls => ({ ...measured.value, integerMatMuls }));
  } finally {
    await model.value.whole.release();
  }
}

/** Where the first of the cases is computed. */
async function placed(
  context: StageContext,
  artefact: string,
  provider: Provider,
  { cases: [first] }: Reference,
): Promise<Result<Placement, Failure>> {
  const scratch = join(context.scratch, 'placement');
  await mkdir(scratch, { recursive: true });
  const placement = await placementOf(context.in.model!, first!.inputs, provider, scratch);
  return placement.ok ? judgePlacement(artefact, placement.value) : placement;
}

interface QuantizationReport {
  readonly models: Readonly<Record<string, { readonly left: readonly { readonly reason: string }[] }>>;
}

/** How many products of each file a mix leaves in float32, from the quantiser's report. */
function excludedProducts(report: string): Readonly<Record<string, number>> {
  const { models } = JSON.parse(readFileSync(report, 'utf8')) as QuantizationReport;
  return Object.fromEntries(
    Object.entries(models).map(([file, { left }]) => [file, left.filter(({ reason }) => reason === EXCLUDED).length]),
  );
}

/** Matrix products of the graphs that ONNX Runtime wrote into a folder, in all of them together and in each. */
async function countProducts(
  folder: string,
  files: readonly string[],
  form: ProductForm,
  excluded: Readonly<Record<string, number>>,
): Promise<Result<NonNullable<Validation['integerMatMuls']>, Failure>> {
  const counts: Record<string, ProductCount> = {};
  for (const file of files) {
    const count = integerMatMuls(await readFile(join(folder, file)), form);
    if (!count.ok) return count;
    counts[file] = { ...count.value, ...(excluded[file] ? { excluded: excluded[file] } : {}) };
  }
  const sum = (of: keyof ProductCount): number =>
    Object.values(counts).reduce((total, count) => total + (count[of] ?? 0), 0);
  return ok({
    integer: sum('integer'),
    total: sum('total'),
    ...(sum('excluded') > 0 ? { excluded: sum('excluded') } : {}),
    ...(files.length > 1 ? { files: counts } : {}),
  });
}

async function measure(
  context: StageContext,
  params: ValidateParams,
  reference: Reference,
  { whole: session, parts }: OpenedModel,
): Promise<Result<Validation, Failure>> {
  const tolerance = toleranceFor(params.precision, params.tolerance, params.task);
  const outputs = await compareCases(context, reference, session, parts);
  if (!outputs.ok) return outputs;
  const writing =
    parts && reference.writing
      ? await writeAgain(parts, reference.cases, reference.writing, tolerance.maxAbs)
      : undefined;
  if (writing && !writing.ok) return writing;
  const evaluation = reference.evaluation
    ? await compareEvaluation(context, params, reference, reference.evaluation, session)
    : undefined;
  if (evaluation && !evaluation.ok) return evaluation;
  const perplexity = reference.texts
    ? await comparePerplexities(context, params, reference, reference.texts, session)
    : undefined;
  if (perplexity && !perplexity.ok) return perplexity;
  return ok({
    schema: 'transformer-deploy/validation/1',
    artefact: params.artefact,
    task: params.task,
    precision: params.precision,
    tolerance,
    outputs: outputs.value,
    ...(reference.paddingEffect === undefined ? {} : { paddingEffect: reference.paddingEffect }),
    ...(writing ? { writing: writing.value } : {}),
    ...(evaluation ? { evaluation: evaluation.value } : {}),
    ...(perplexity ? { evaluation: perplexity.value } : {}),
  });
}

async function compareCases(
  context: StageContext,
  { cases, outputs }: Reference,
  session: Session,
  parts: EncoderDecoderSessions | undefined,
): Promise<Result<Record<string, OutputValidation>, Failure>> {
  const comparison = new Comparison(outputs);
  for (const [done, validationCase] of cases.entries()) {
    if (context.signal.aborted) return fail(interrupted());
    context.progress({ done, total: cases.length, unit: 'cases' });
    const run = await session.run(firstCall(session.inputs, validationCase.inputs));
    if (!run.ok) return run;
    comparison.add(validationCase, run.value);
  }
  const hasCache = parts !== undefined || cacheInputs(session.inputs).length > 0;
  for (const validationCase of hasCache ? casesForCache(cases) : []) {
    if (context.signal.aborted) return fail(interrupted());
    const { inputs } = validationCase;
    const decoded = await (parts ? writeInParts(parts, inputs) : decodeInParts(session, inputs));
    if (!decoded.ok) return decoded;
    comparison.add({ ...validationCase, mode: 'with-cache' }, decoded.value);
  }
  return ok(comparison.result());
}

async function compareEvaluation(
  context: StageContext,
  { task, metric, maxDrop }: ValidateParams,
  { padding, seed }: Reference,
  { set, rows }: ReferenceEvaluation,
  session: Session,
): Promise<Result<EvaluationValidation, Failure>> {
  const known = evaluatorFor(task, metric);
  if (!known.ok) return known;
  const { data } = known.value;
  const found = await evaluate(session, set, {
    output: data.output,
    padding,
    step(done) {
      context.progress({ done, total: set.encodings.length, unit: 'texts' });
      return context.signal.aborted ? interrupted() : undefined;
    },
  });
  if (!found.ok) return found;
  const answers = { reference: data.answersOf(rows, set), artefact: data.answersOf(found.value, set) };
  const output = data.output.name;
  return ok({
    ...compareMetric(known.value.metric, answers, data.rightOf(set), seed),
    maxDrop: maxDrop ?? null,
    output,
    difference: differenceOf(rows, found.value, isLogits(output)),
  });
}

async function comparePerplexities(
  context: StageContext,
  { maxDrop }: ValidateParams,
  { seed }: Reference,
  texts: ReferenceTexts,
  session: Session,
): Promise<Result<EvaluationValidation, Failure>> {
  const { encodings, scores } = texts;
  const found = await scoreTexts(session, texts, done => {
    context.progress({ done, total: encodings.length, unit: 'samples' });
    return context.signal.aborted ? interrupted() : undefined;
  });
  if (!found.ok) return found;
  return ok({ ...comparePerplexity(encodings, scores, found.value, seed), maxDrop: maxDrop ?? null });
}
