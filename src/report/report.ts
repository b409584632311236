import type { Benchmark, ShapeResult } from '../benchmark/result.js';
import type { Candidate, Choice } from '../choice/choice.js';
import { mixText } from '../choice/mix.js';
import { count, formatBytes } from '../util/format.js';
import type { Validation } from '../validation/verdict.js';

/** report.json: what a build made, and what was measured on it. The Markdown and the page show nothing else. */
export interface Report {
  readonly schema: 'transformer-deploy/report/1';
  readonly models: readonly ReportedModel[];
}

export interface ReportedModel {
  readonly name: string;
  readonly task: string;
  readonly artefacts: readonly ReportedArtefact[];
  /** Where a precision asked for ranges. */
  readonly calibration?: ReportedCalibration;
}

/** The texts that ranges were measured on. */
export interface ReportedCalibration {
  readonly source: 'calibration' | 'evaluation' | 'synthetic' | 'noise';
  readonly used: number;
  readonly tokens: number;
  readonly warning?: string;
}

export interface ReportedArtefact extends MeasuredArtefact {
  /** Of the ONNX file and its weights. */
  readonly bytes: number;
  /** Of the precision 'auto': what it became, and what it was chosen from. */
  readonly choice?: Choice;
}

/** What was measured on an artefact. */
export interface MeasuredArtefact {
  /** 'intents/cpu/int8-dynamic'. */
  readonly id: string;
  readonly target: string;
  readonly precision: string;
  /** Absent when the stage was skipped. */
  readonly validation?: Validation;
  readonly benchmark?: Benchmark;
}

/** The words and figures that both texts use. */
export const verdictOf = ({ validation }: MeasuredArtefact): string => (validation ? 'valid' : 'not validated');

export function metricText({ validation }: MeasuredArtefact): string | undefined {
  const evaluation = validation?.evaluation;
  if (!evaluation) return undefined;
  const [low, high] = evaluation.artefact.interval;
  if (evaluation.metric === 'perplexity') {
    return `${significant(evaluation.artefact.value)} (${significant(low)} to ${significant(high)})`;
  }
  return `${percent(evaluation.artefact.value)} (${(low * 100).toFixed(1)} to ${(high * 100).toFixed(1)})`;
}

const TEXTS: Readonly<Record<ReportedCalibration['source'], string>> = {
  calibration: 'of the calibration data',
  evaluation: 'of the evaluation data',
  synthetic: 'of random words',
  noise: 'of noise',
};

/** What the ranges of integers rest on, and what is wrong with it. */
export const calibrationText = ({ source, used, tokens, warning }: ReportedCalibration): string =>
  `Calibrated on ${count(used, source === 'noise' ? 'run' : 'text')} ${TEXTS[source]}${source === 'noise' ? '' : `, ${count(tokens, 'token')}`}.${warning ? ` Warning: ${warning}.` : ''}`;

/** Positive: worse than the export. */
export function dropText({ validation }: MeasuredArtefact): string | undefined {
  const evaluation = validation?.evaluation;
  if (!evaluation) return undefined;
  const { drop, metric } = evaluation;
  if (metric === 'perplexity') {
    const share = percent(Math.abs(drop.value));
    return share === percent(0) ? 'none' : `${share} ${drop.value > 0 ? 'higher' : 'lower'}`;
  }
  const points = (value: number): string =>
    `${value > 0 ? '−' : value < 0 ? '+' : ''}${Math.abs(value * 100).toFixed(1)}`;
  return drop.value === 0 ? 'none' : `${points(drop.value)} points`;
}

/** The largest difference over all outputs. */
export function differenceText({ validation }: MeasuredArtefact): string | undefined {
  if (!validation) return undefined;
  const outputs = Object.values(validation.outputs).map(output => output.all);
  const largest = Math.max(...outputs.map(({ maxAbs }) => maxAbs));
  return largest < 1e-3 ? largest.toExponential(1) : largest.toPrecision(2);
}

export function integerText({ validation }: MeasuredArtefact): string | undefined {
  const proof = validation?.integerMatMuls;
  return proof && `${proof.integer} of ${proof.total}`;
}

/** Of an encoder-decoder: tokens of the texts that it writes that are the export's at the same place. */
export function writingText({ validation }: MeasuredArtefact): string | undefined {
  const writing = validation?.writing;
  return writing && `${percent(writing.equal / writing.tokens)} of ${writing.tokens}`;
}

const significant = (value: number): string => Number(value.toPrecision(4)).toString();

/** Of a model that generates: what follows the prompt, for all rows together. */
export const tokensPerSecondText = ({ decoding }: ShapeResult): string | undefined =>
  decoding?.tokensPerSecond.toFixed(0);

export const percent = (share: number): string => `${(share * 100).toFixed(1)}\u00a0%`;

export const shapeText = ({ batch, sequence }: { readonly batch: number; readonly sequence: number }): string =>
  `${batch} × ${sequence}`;

/** Three significant digits, never an exponent. */
export const millisecondsText = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

/** 'NVIDIA L4, TensorRT 10.13.3, CUDA 12.8' for each GPU that engines were measured on. */
export const gpusOf = (artefacts: readonly MeasuredArtefact[]): readonly string[] => [
  ...new Set(
    artefacts.flatMap(({ benchmark }) => {
      const { gpu, tensorrt, cuda } = benchmark?.machine ?? {};
      return gpu === undefined ? [] : [`${gpu}, TensorRT ${tensorrt}, CUDA ${cuda}`];
    }),
  ),
];

/** Artefacts that were meant to be faster than fp32, and are not at any shape that was measured: one sentence each. */
export const speedWarnings = (artefacts: readonly MeasuredArtefact[]): readonly string[] =>
  artefacts.flatMap(({ id, precision, benchmark }) => {
    if (precision === 'auto') return [];
    const speedups = (benchmark?.results ?? []).flatMap(({ speedup, decoding }) => [speedup, decoding?.speedup]);
    const known = speedups.filter(speedup => speedup !== undefined);
    if (known.length === 0 || known.some(({ value }) => value > 1)) return [];
    const best = Math.max(...known.map(({ value }) => value));
    return [`${id} is not faster than ${known[0]!.over} at any shape on this machine: ${best.toFixed(2)} × at best`];
  });

export const CHOICE_TITLES = [
  'candidate',
  'size',
  'median ms',
  'time / fp32',
  'difference',
  'drop',
  'verdict',
] as const;

/** A row for each candidate of an artefact, then what was not tried. */
export const choiceRows = ({ candidates, untried }: Choice): readonly (readonly string[])[] => [
  ...candidates.map(candidate => [
    mixText(candidate.mix),
    formatBytes(candidate.bytes),
    candidate.milliseconds.map(millisecondsText).join(' / '),
    candidate.ratio.toFixed(2),
    candidate.difference.toPrecision(2),
    candidateDropText(candidate),
    candidate.verdict,
  ]),
  ...untried.map(({ precision, reason }) => [precision, '', '', '', '', '', `not tried: ${reason}`]),
];

/** Of perplexity the share by which it rises, of other metrics points. */
const candidateDropText = ({ drop, metric }: Candidate): string =>
  drop === undefined ? '' : metric === 'perplexity' ? percent(drop) : (drop * 100).toFixed(1);

export const choiceText = ({ artefact, mix, machine, points }: Choice): string =>
  `${artefact} is ${mixText(mix)}. Measured on ${machine.cpu}, ${count(machine.cores, 'core')}, ${count(machine.threads, 'thread')}, ` +
  `ONNX Runtime ${machine.onnxruntime}; batch × tokens: ${points.join(' / ')}.`;
