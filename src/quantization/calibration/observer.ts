import { kernels } from '../../kernels/index.js';
import { GrowingHistogram } from './growing-histogram.js';
import { intervalsOf } from './methods.js';
import type { CalibratedTensor } from './table.js';

/** Looks at the values of one tensor, batch by batch. Its memory does not depend on how many there are. */
export class Observer {
  readonly #histogram: GrowingHistogram | undefined;
  readonly #channels: boolean;
  #largestOfChannels: Float32Array | undefined;
  readonly #summary = new Float64Array(5);
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #smallest = Number.POSITIVE_INFINITY;
  #elements = 0;
  #nonFinite = 0;
  #belowNormal = 0;
  #vanishing = 0;
  #batches = 0;
  #sumOfLows = 0;
  #sumOfHighs = 0;

  constructor({ forIntegers, feedsWeight }: { readonly forIntegers: boolean; readonly feedsWeight: boolean }) {
    this.#histogram = forIntegers ? new GrowingHistogram() : undefined;
    this.#channels = feedsWeight;
  }

  /** float32 of a shape whose last axis is the channels. */
  add(values: Float32Array, shape: readonly number[]): void {
    if (values.length === 0) return;
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const nonFinite = kernels().summarize(bytes, this.#summary);
    const [low, high, smallest, belowNormal, vanishing] = this.#summary as unknown as [
      number,
      number,
      number,
      number,
      number,
    ];
    this.#elements += values.length;
    this.#nonFinite += nonFinite;
    this.#belowNormal += belowNormal;
    this.#vanishing += vanishing;
    this.#smallest = Math.min(this.#smallest, smallest);
    if (low > high) return;
    this.#min = Math.min(this.#min, low);
    this.#max = Math.max(this.#max, high);
    this.#batches++;
    this.#sumOfLows += low;
    this.#sumOfHighs += high;
    this.#histogram?.add(bytes, Math.max(-low, high));
    if (this.#channels) this.#addChannels(bytes, values.length, shape.at(-1) ?? 1);
  }

  #addChannels(bytes: Uint8Array, elements: number, channels: number): void {
    const largest = new Float32Array(channels);
    kernels().absmax(bytes, elements / channels, channels, 1, largest);
    this.#largestOfChannels ??= new Float32Array(channels);
    for (const [channel, magnitude] of largest.entries()) {
      this.#largestOfChannels[channel] = Math.max(this.#largestOfChannels[channel]!, magnitude);
    }
  }

  result(): CalibratedTensor {
    const [min, max] = this.#batches === 0 ? [0, 0] : [this.#min, this.#max];
    const histogram = this.#histogram?.result();
    const batchRange = { low: this.#sumOfLows / this.#batches, high: this.#sumOfHighs / this.#batches };
    return {
      min,
      max,
      smallestMagnitude: Number.isFinite(this.#smallest) ? this.#smallest : 0,
      elements: this.#elements,
      nonFinite: this.#nonFinite,
      belowNormal: this.#belowNormal,
      vanishing: this.#vanishing,
      ...(histogram ? { clips: intervalsOf({ histogram, range: { low: min, high: max }, batchRange }) } : {}),
      ...(this.#largestOfChannels ? { channels: Array.from(this.#largestOfChannels, roundedUp) } : {}),
    };
  }
}

/** To 4 digits, and never less than it was. */
function roundedUp(magnitude: number): number {
  if (magnitude === 0) return 0;
  const rounded = Number(magnitude.toPrecision(4));
  return rounded >= magnitude ? rounded : Number((magnitude * 1.0005).toPrecision(4));
}
