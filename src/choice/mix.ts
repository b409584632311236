import { count } from '../util/format.js';

/** Precisions that a mix is made of, the simplest first: where two are as fast, the first is taken. */
export const BASES = ['fp32', 'int8-dynamic', 'int8', 'int8-weight', 'int4-weight'] as const;
export type Base = (typeof BASES)[number];

/**
 * Other ways to write what int8-dynamic computes (docs/cpu-kernels.md): each product rounds its activation for itself; query, key and
 * value are one product inside of attention. The latter is for int8, too.
 */
export const FORMS = ['unshared-activations', 'packed-attention'] as const;
export type Form = (typeof FORMS)[number];

/** What an artefact of the precision 'auto' is made of. Everything that decides a byte of it is here, nothing of the machine. */
export interface Mix {
  readonly precision: Base;
  readonly form?: Form;
  /** Paths of products that stay in float32, sorted. */
  readonly exclude: readonly string[];
  /** Weights of 7 bits, for processors whose products saturate. */
  readonly reduceRange: boolean;
  /** Of int8: how ranges are drawn from the calibration. */
  readonly method?: string;
  /** Of int8: outliers of activations go into the weights. */
  readonly smoothing?: true;
  /** Of int8 and int8-dynamic: embedding tables have 8 bits, too. */
  readonly embeddings?: true;
  /** Threads of a session; absent: one per core. */
  readonly threads?: number;
}

/** 'int8-dynamic, packed-attention, 2 products in float32, 1 thread' */
export function mixText({ precision, form, smoothing, embeddings, exclude, threads }: Mix): string {
  const parts = [
    precision,
    form,
    smoothing && 'smoothed',
    embeddings && 'tables in 8 bits',
    exclude.length > 0 && `${count(exclude.length, 'product')} in float32`,
    threads !== undefined && count(threads, 'thread'),
  ];
  return parts.filter(part => typeof part === 'string').join(', ');
}

/** The same with embedding tables in 8 bits; undefined where tables stay in float32, or have few bits anyway. */
export const withSmallTables = (mix: Mix): Mix | undefined =>
  mix.precision === 'int8' || mix.precision === 'int8-dynamic' ? { ...mix, embeddings: true } : undefined;

/** Negative: `a` is the simpler one. Fewer products in float32, no other form, the simpler precision, one thread per core. */
export function compareSimplicity(a: Mix, b: Mix): number {
  const rank = ({ precision, form, smoothing, exclude, threads }: Mix): readonly number[] => [
    precision === 'fp32' ? 0 : 1,
    exclude.length,
    BASES.indexOf(precision),
    smoothing ? 1 : 0,
    form === undefined ? 0 : 1 + FORMS.indexOf(form),
    threads === undefined ? Number.NEGATIVE_INFINITY : -threads,
  ];
  const [left, right] = [rank(a), rank(b)];
  const differing = left.findIndex((value, index) => value !== right[index]);
  return differing < 0 ? 0 : left[differing]! < right[differing]! ? -1 : 1;
}
