import { sizeOfDim } from '../graph/dims.js';
import type { Dim } from '../graph/tensor.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';

/** Input -> its size on each axis. */
export type Shapes = Readonly<Record<string, readonly number[]>>;

/** One optimization profile: the shapes that an engine takes, and those it is fastest at. Inputs without a dynamic axis are absent. */
export interface Profile {
  readonly min: Shapes;
  readonly optimum: Shapes;
  readonly max: Shapes;
}

export interface NetworkInput {
  readonly name: string;
  readonly shape: readonly Dim[];
}

/** Smallest, most usual, largest. */
export type Sizes = readonly [min: number, optimum: number, max: number];

/** What one profile is for. */
export interface ProfileSizes {
  readonly batch: Sizes;
  /** Tokens that a call reads; of an encoder-decoder, what the encoder reads. */
  readonly sequence: Sizes;
  /** Tokens that a decoder's cache holds. Unless given: none or as many as the longest sequence, none being usual. */
  readonly past?: Sizes;
  /** Of networks from elsewhere: axes by their own names. */
  readonly dimensions?: Readonly<Record<string, Sizes>>;
}

/** `input_ids:1x128,attention_mask:1x128`, as trtexec reads shapes. */
export const shapesText = (shapes: Shapes): string =>
  Object.entries(shapes)
    .map(([name, shape]) => `${tensorName(name)}:${shape.join('x')}`)
    .join(',');

/** A name in a list of `name:value`; one with a colon is quoted, or its end would be taken for the value. */
export const tensorName = (name: string): string => (name.includes(':') ? `'${name}'` : name);

const PAST = /^past_key_values\./;

/**
 * The profiles of a model when the config has none: one; for a decoder a second one for the steps after the prompt, which read
 * one token, and are most of the work. `several`: whether trtexec of this release can build more than one.
 */
export function defaultProfiles(
  inputs: readonly NetworkInput[],
  { batch, sequence }: Pick<ProfileSizes, 'batch' | 'sequence'>,
  several: boolean,
): readonly ProfileSizes[] {
  const [, usual, longest] = sequence;
  if (!inputs.some(({ name }) => PAST.test(name))) return [{ batch, sequence }];
  // Beside an encoder, a decoder reads one token in nearly every call.
  if (isBesideEncoder(inputs)) return [{ batch, sequence, past: [0, usual, longest] }];
  // A prompt may be continued by any number of tokens, one for instance.
  const prompt: ProfileSizes = { batch, sequence: [1, usual, longest], past: [0, 0, longest] };
  if (!several) return [prompt];
  return [prompt, { batch, sequence: [1, 1, 1], past: [0, usual, longest] }];
}

const isBesideEncoder = (inputs: readonly NetworkInput[]): boolean =>
  inputs.some(({ name }) => name === 'encoder_hidden_states');

/**
 * Shapes of every dynamic input in each profile. Sums such as `past_sequence_length + sequence_length` follow from their parts, so
 * that the shapes of one profile agree with each other. Failure: 'dimension-unknown' for an axis whose size nobody told.
 */
export function profilesOf(
  inputs: readonly NetworkInput[],
  wanted: readonly ProfileSizes[],
): Result<readonly Profile[], Failure> {
  const profiles: Profile[] = [];
  for (const sizes of wanted) {
    const points: Shapes[] = [];
    for (const point of [0, 1, 2] as const) {
      const shapes = shapesAt(inputs, sizes, point);
      if (!shapes.ok) return shapes;
      points.push(shapes.value);
    }
    profiles.push({ min: points[0]!, optimum: points[1]!, max: points[2]! });
  }
  return ok(profiles);
}

function shapesAt(inputs: readonly NetworkInput[], sizes: ProfileSizes, point: 0 | 1 | 2): Result<Shapes, Failure> {
  const shapes: Record<string, readonly number[]> = {};
  const known = Object.fromEntries(
    Object.entries(namedSizes(inputs, sizes)).map(([name, range]) => [name, range[point]]),
  );
  for (const { name, shape } of inputs) {
    if (shape.every(dim => typeof dim === 'number')) continue;
    const axes: number[] = [];
    for (const dim of shape) {
      const size = sizeOfDim(dim, known);
      if (size === undefined) return fail(unknownDimension(name, dim));
      axes.push(size);
    }
    shapes[name] = axes;
  }
  return ok(shapes);
}

/** What our exports and Optimum's call the axes. */
function namedSizes(inputs: readonly NetworkInput[], sizes: ProfileSizes): Readonly<Record<string, Sizes>> {
  const { batch, sequence, past = [0, 0, sequence[2]], dimensions = {} } = sizes;
  return {
    batch_size: batch,
    sequence_length: sequence,
    encoder_sequence_length: sequence,
    // The keys and values of the encoder's tokens, kept from the first call on: as long as its text, whichever branch is taken.
    encoder_sequence_length_out: sequence,
    // What a decoder beside an encoder writes, a token at a time.
    decoder_sequence_length: isBesideEncoder(inputs) ? [1, 1, sequence[2]] : sequence,
    past_sequence_length: past,
    past_decoder_sequence_length: past,
    ...dimensions,
  };
}

const unknownDimension = (input: string, dim: Dim): Failure =>
  usageFailure('dimension-unknown', `nothing says how large the axis '${dim}' of the input '${input}' may be`, {
    where: `engineOptions.profiles[].dimensions`,
    expected: `'${dim}': [min, optimum, max]`,
    fix: `add dimensions: { '${dim}': [1, 1, 8] } to each profile`,
  });

/** Number of the first profile that takes these shapes; undefined when none does. */
export function profileFor(profiles: readonly Profile[], shapes: Shapes): number | undefined {
  const index = profiles.findIndex(({ min, max }) =>
    Object.keys(min).every(name =>
      min[name]!.every((least, axis) => {
        const size = shapes[name]?.[axis];
        return size !== undefined && size >= least && size <= max[name]![axis]!;
      }),
    ),
  );
  return index < 0 ? undefined : index;
}

/** The sizes that axes of one name can have in any profile: what a batch is cut by. */
export function rangeOfDim(
  inputs: readonly NetworkInput[],
  profiles: readonly Profile[],
  dim: string,
): readonly [least: number, most: number] | undefined {
  for (const { name, shape } of inputs) {
    const axis = shape.indexOf(dim);
    if (axis < 0) continue;
    return [
      Math.min(...profiles.map(({ min }) => min[name]![axis]!)),
      Math.max(...profiles.map(({ max }) => max[name]![axis]!)),
    ];
  }
  return undefined;
}
