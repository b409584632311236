import { readFileSync } from 'node:fs';
import { FIRST_CALL_FILE, WITH_PAST_FILE } from '../../onnx/hub-files.js';
import { type Failure, usageFailure } from '../../util/failure.js';
import { fail, ok, type Result } from '../../util/result.js';
import type { RangeTable, TensorRange } from '../ranges.js';
import type { Interval, Method } from './methods.js';

export const CALIBRATION_SCHEMA = 'transformer-deploy/calibration/1';

/** calibration.json: what flowed through the fp32 export of a model. Every target and precision reads the same one. */
export interface CalibrationTable {
  readonly schema: typeof CALIBRATION_SCHEMA;
  readonly texts: CalibrationTexts;
  /** 'integers': tensors that integers may stand for. 'all': every float tensor, which the fp16 planner asks for. */
  readonly scope: CalibrationScope;
  /** Model file -> tensor's name in the export -> what it held. */
  readonly models: Readonly<Record<string, Readonly<Record<string, CalibratedTensor>>>>;
}

export type CalibrationScope = 'integers' | 'all';

export interface CalibrationTexts {
  /**
   * Where they come from: the texts given for it, those of the evaluation, or words of the model's own vocabulary. 'noise' stands in
   * for images and speech.
   */
  readonly source: 'calibration' | 'evaluation' | 'synthetic' | 'noise';
  readonly asked: number;
  readonly used: number;
  /** Texts without a token of their own. */
  readonly empty: number;
  /** Tokens of all texts that were used; there is no padding. */
  readonly tokens: number;
  /** What a reader of the report should know; absent when there is nothing. */
  readonly warning?: string;
}

/** A tensor without a clip of its own, and what each method makes of it. */
export interface CalibratedTensor extends Omit<TensorRange, 'clip'> {
  /** Absent for tensors that nobody turns into integers. */
  readonly clips?: Readonly<Record<Method, Interval>>;
  /** Largest magnitude of each channel of the last axis, where a product with a weight reads the tensor. 4 digits, rounded up. */
  readonly channels?: readonly number[];
}

/** The configuration's names. A percentile is the one that loses less on trained models (docs/precision.md). */
export const methodNamed = (name: string): Method => (name === 'percentile' ? 'percentile-99.999' : (name as Method));

/** Failures: 'calibration-unreadable'. */
export function readCalibration(file: string): Result<CalibrationTable, Failure> {
  const unreadable = (found: string): Result<never, Failure> =>
    fail(
      usageFailure('calibration-unreadable', 'the table of ranges cannot be read', {
        where: file,
        expected: CALIBRATION_SCHEMA,
        found,
      }),
    );
  try {
    const table = JSON.parse(readFileSync(file, 'utf8')) as CalibrationTable;
    return table.schema === CALIBRATION_SCHEMA ? ok(table) : unreadable(String(table.schema));
  } catch (error) {
    return unreadable((error as Error).message);
  }
}

/** Files that a merged decoder becomes where branches are not wanted. Their values have the names that they have in it. */
const PARTS_OF_DECODER: ReadonlySet<string> = new Set([FIRST_CALL_FILE, WITH_PAST_FILE]);

/** What tensors of a model file held, by name. */
export const tensorsOf = ({ models }: CalibrationTable, file: string): Readonly<Record<string, CalibratedTensor>> =>
  models[file] ?? (PARTS_OF_DECODER.has(file) ? models['decoder_model_merged.onnx'] : undefined) ?? {};

/** The ranges of one model file as a method draws them. */
export function rangesOf(table: CalibrationTable, file: string, method: Method): RangeTable {
  return Object.fromEntries(
    Object.entries(tensorsOf(table, file)).map(([name, { clips, channels: _, ...range }]): [string, TensorRange] => [
      name,
      clips === undefined ? range : { ...range, clip: clips[method] },
    ]),
  );
}
