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
  /**
   * Tokens that a decoder's cache holds. Unless given: none or as many as the longest sequence, none being usual; beside an encoder one or
   * more, as many as a usual text has being usual.
   */
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

/** What an encoder gives is as long as what it reads, unless it has one length only, as that of speech. */
export function sizesOfEncoded(outputs: readonly NetworkInput[]): NonNullable<ProfileSizes['dimensions']> {
  const length = outputs.find(({ name }) => name === 'last_hidden_state')?.shape[1];
  if (typeof length !== 'number') return {};
  const always: Sizes = [length, length, length];
  return { encoder_sequence_length: always, encoder_sequence_length_out: always };
}

const PAST = /^past_key_values\./;
const BESIDE = /^past_key_values\.\d+\.encoder\./;

/**
 * The profiles of a model when the config has none: one; for a decoder a second one for the steps after the prompt, which read
 * one token, and are most of the work. `several`: whether trtexec of this release can build more than one.
 */
export function defaultProfiles(
  inputs: readonly NetworkInput[],
  sizes: Omit<ProfileSizes, 'past'>,
  several: boolean,
): readonly ProfileSizes[] {
  const { batch, sequence } = sizes;
  const [, usual, longest] = sequence;
  const isDecoder = inputs.some(({ name }) => PAST.test(name));
  // Beside an encoder, each kind of call is an engine of its own.
  if (!isDecoder || isBesideEncoder(inputs)) return [sizes];
  // A prompt may be continued by any number of tokens, one for instance.
  const prompt: ProfileSizes = { batch, sequence: [1, usual, longest], past: [0, 0, longest] };
  if (!several) return [prompt];
  return [prompt, { batch, sequence: [1, 1, 1], past: [0, usual, longest] }];
}

/** Decoders that look at what an encoder has made, or at the keys and values that were made of it. */
const isBesideEncoder = (inputs: readonly NetworkInput[]): boolean =>
  inputs.some(({ name }) => name === 'encoder_hidden_states' || BESIDE.test(name));

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
  const { batch, sequence, dimensions = {} } = sizes;
  const [, usual, longest] = sequence;
  const besideEncoder = isBesideEncoder(inputs);
  // Beside an encoder, the call that begins with an empty cache takes none.
  const { past = besideEncoder ? [1, usual, longest] : [0, 0, longest] } = sizes;
  // Nothing pads what a model reads that writes.
  const read: Sizes = [1, usual, longest];
  return {
    batch_size: batch,
    sequence_length: sequence,
    encoder_sequence_length: read,
    // The keys and values of the encoder's tokens, kept from the first call on: as long as its text.
    encoder_sequence_length_out: read,
    // What a decoder beside an encoder writes, a token at a time.
    decoder_sequence_length: besideEncoder ? [1, 1, longest] : sequence,
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

/**
 * Number of the profile that takes these shapes and is fastest at the nearest, as Triton chooses; undefined when none takes them.
 */
export function profileFor(profiles: readonly Profile[], shapes: Shapes): number | undefined {
  let best: { readonly index: number; readonly distance: number } | undefined;
  for (const [index, profile] of profiles.entries()) {
    const distance = distanceTo(profile, shapes);
    if (distance !== undefined && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { index, distance };
  }
  return best?.index;
}

function distanceTo({ min, optimum, max }: Profile, shapes: Shapes): number | undefined {
  let distance = 0;
  for (const [name, usual] of Object.entries(optimum)) {
    for (const [axis, best] of usual.entries()) {
      const size = shapes[name]?.[axis];
      if (size === undefined || size < min[name]![axis]! || size > max[name]![axis]!) return undefined;
      distance += Math.abs(size - best);
    }
  }
  return distance;
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
