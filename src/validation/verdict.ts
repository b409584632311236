import type { ProductCount } from '../quantization/proof.js';
import { type Failure, taskFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import type { CaseMode } from './cases.js';
import type { Difference, Top1 } from './difference.js';
import type { MetricComparison } from './metric-verdict.js';
import type { Placement } from './placement.js';
import { TOP1_ROWS, type Tolerance } from './tolerances.js';
import type { WritingComparison } from './writing.js';

/** validation.json: everything that was measured on an artefact. Exists only if every gate was passed. */
export interface Validation {
  readonly schema: 'transformer-deploy/validation/1';
  readonly artefact: string;
  readonly task: string;
  readonly precision: string;
  readonly tolerance: Tolerance;
  /** Output name -> over all cases, and by mode. */
  readonly outputs: Readonly<Record<string, OutputValidation>>;
  /**
   * Largest difference, in the fp32 export, between a text alone and the same text padded on the right. Not a gate:
   * some architectures do look at padding.
   */
  readonly paddingEffect?: number;
  readonly evaluation?: EvaluationValidation;
  /**
   * Matrix products with weights in the graph that ONNX Runtime really executes. For int8, how many of them run on
   * integers; for int8-weight and int4-weight, how many read a weight in blocks.
   */
  readonly integerMatMuls?: ProductCount & {
    /** Of a model of several files, those of each, all of which must be int8. */
    readonly files?: Readonly<Record<string, ProductCount>>;
  };
  /** Of a model for a device: where it was computed. */
  readonly placement?: Placement;
  /** Of an encoder-decoder: texts that it writes, taking the likeliest token each time, with its cache. */
  readonly writing?: WritingComparison;
}

export interface OutputValidation {
  readonly all: Difference;
  readonly modes: Readonly<Partial<Record<CaseMode, Difference>>>;
}

export interface EvaluationValidation extends MetricComparison {
  readonly maxDrop: number | null;
  /**
   * The output that decides, and how far it is from the export's over all of the evaluation data; absent where the metric
   * is made of something else.
   */
  readonly output?: string;
  readonly difference?: Difference;
}

/** Share of the matrix products with weights that must run on integers for an artefact to be called int8. */
export const INTEGER_SHARE = 0.95;

interface Gate {
  readonly measured: string;
  readonly found: number;
  readonly limit: number;
  readonly passed: boolean;
}

/** Applies every gate; the failure carries all numbers, since no file will. */
export function judge(validation: Validation): Result<Validation, Failure> {
  const proof = validation.integerMatMuls;
  const files = proof?.files ?? (proof ? { 'model.onnx': proof } : {});
  for (const [file, count] of Object.entries(files)) {
    const wanted = count.total - (count.excluded ?? 0);
    if (count.integer === 0 || count.integer < INTEGER_SHARE * wanted) {
      return fail(notQuantized(validation, proof?.files ? file : undefined, count));
    }
  }
  const gates = gatesOf(validation);
  const broken = gates.filter(gate => !gate.passed);
  if (broken.length === 0) return ok(validation);
  return fail(
    taskFailure('validation-failed', `${validation.artefact} differs too much from the fp32 export`, {
      where: validation.artefact,
      expected: broken.map(gate => `${gate.measured} at most ${round(gate.limit)}`).join('; '),
      found: broken.map(gate => round(gate.found)).join('; '),
      fix: fixFor(validation, broken),
      details: table(gates, validation),
    }),
  );
}

function gatesOf({ outputs, tolerance, evaluation, writing }: Validation): Gate[] {
  const gates: Gate[] = [];
  const atMost = (measured: string, found: number, limit: number | undefined): void => {
    if (limit !== undefined) gates.push({ measured, found, limit, passed: found <= limit });
  };
  const everything = Object.entries(outputs).map(([name, output]): [string, Difference] => [name, output.all]);
  if (evaluation?.difference) everything.push([`evaluation ${evaluation.output}`, evaluation.difference]);
  for (const [name, difference] of everything) {
    atMost(`${name}: values that are NaN or infinite`, difference.notFinite, 0);
    atMost(`${name}: largest difference`, difference.maxAbs, tolerance.maxAbs);
    atMost(`${name}: relative difference`, difference.relative, tolerance.relative);
    const top1 = difference.top1;
    if (top1 && top1.rows >= TOP1_ROWS && tolerance.top1 !== undefined) {
      atMost(`${name}: ${CHANGED_LABELS}`, 1 - top1.agree / top1.rows, 1 - tolerance.top1);
    }
  }
  if (writing?.differing !== undefined) {
    atMost('written texts that differ where no two tokens are nearly as likely', writing.differing, 0);
  }
  if (evaluation && evaluation.maxDrop !== null) {
    // Counts of samples are exact, their shares are not: 0.01 must allow 5 of 500.
    const drop = evaluation.drop.value - 1e-12;
    gates.push({
      measured: `${changeOf(evaluation)} of ${evaluation.metric}`,
      found: evaluation.drop.value,
      limit: evaluation.maxDrop,
      passed: drop <= evaluation.maxDrop,
    });
  }
  return gates;
}

function fixFor({ precision, evaluation }: Validation, broken: readonly Gate[]): string {
  if (evaluation && broken.some(gate => gate.measured === `${changeOf(evaluation)} of ${evaluation.metric}`)) {
    return `use a higher precision than ${precision}, or raise evaluation.maxDrop if ${evaluation.samples} samples show a ${changeOf(evaluation)} you accept`;
  }
  if (broken.some(gate => gate.measured.includes('NaN'))) {
    return 'look for overflow: weights or activations that the precision cannot hold';
  }
  const accepting = `set tolerance.${precision} (a largest difference)`;
  if (broken.every(gate => gate.measured.endsWith(CHANGED_LABELS))) {
    return `use a higher precision than ${precision}; where the export's labels are close calls, as those of random weights are, ${accepting} instead`;
  }
  return `use a higher precision than ${precision}, or ${accepting} if you accept this one`;
}

const CHANGED_LABELS = 'share of changed labels';

/** Whether a label that changed was one that the export had decided, or a close call. */
const leadsText = (name: string, { lead, leadWhereChanged }: Top1): string | undefined =>
  leadWhereChanged === undefined
    ? undefined
    : `${name}: the export's label leads the next by ${round(lead)} on average; where another was found, it leads that one by ${round(leadWhereChanged)}`;

/** How the metric gets worse. Perplexity rises, by a share of the export's. */
const changeOf = ({ metric }: EvaluationValidation): string => (metric === 'perplexity' ? 'rise' : 'drop');

/** Fixed columns: gate, found, limit, verdict; then what was measured per mode. */
function table(gates: readonly Gate[], { outputs, evaluation, writing }: Validation): string[] {
  const rows = gates.map(gate => [gate.measured, round(gate.found), round(gate.limit), gate.passed ? 'ok' : 'over']);
  const lines = columns([['gate', 'found', 'limit', ''], ...rows]);
  const modes: string[][] = [['output, mode', 'max abs', 'mean abs', 'cosine', 'rows']];
  for (const [name, output] of Object.entries(outputs)) {
    for (const [mode, difference] of Object.entries(output.modes)) {
      const { maxAbs, meanAbs, cosine, rows: count } = difference;
      modes.push([`${name}, ${mode}`, round(maxAbs), round(meanAbs), cosine.toFixed(5), String(count)]);
    }
  }
  lines.push(...columns(modes));
  for (const [name, { all }] of Object.entries(outputs)) {
    const leads = all.top1 && leadsText(name, all.top1);
    if (leads) lines.push(leads);
  }
  if (writing) lines.push(`written: ${writing.equal} of ${writing.tokens} tokens are the export's`);
  if (evaluation) {
    const { metric, reference, artefact, drop, lost, won, samples } = evaluation;
    const interval = drop.interval.map(bound => bound.toFixed(4)).join(' to ');
    lines.push(
      `${metric} ${reference.value.toFixed(4)} -> ${artefact.value.toFixed(4)}, ${changeOf(evaluation)} ${drop.value.toFixed(4)} (95 %: ${interval}); ` +
        `${lost} lost and ${won} won of ${samples}`,
    );
  }
  return lines;
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)));
  return rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

const round = (value: number): string => (Number.isInteger(value) ? String(value) : value.toPrecision(3));

function notQuantized({ artefact, precision }: Validation, file: string | undefined, count: ProductCount): Failure {
  const isWeightOnly = precision.endsWith('-weight');
  const [fault, wanted] = isWeightOnly
    ? [`called ${precision} but multiplies with float weights`, 'on weights in blocks']
    : ['called int8 but computes in floating point', 'on integers'];
  return taskFailure('not-quantized', `${artefact} is ${fault}`, {
    where: file === undefined ? artefact : `${artefact}: ${file}`,
    expected: `at least ${INTEGER_SHARE * 100} % of the matrix products with weights ${wanted}`,
    found: `${count.integer} of ${count.total} in the graph that ONNX Runtime executes`,
    fix: 'look for tensors without a type in the model: the quantiser and the session skip them silently',
  });
}
