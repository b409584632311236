/** One query of `--exportTimes`; the fields that are not read here are left out. */
interface Query {
  readonly startComputeMs: number;
  readonly computeMs: number;
}

/**
 * Milliseconds on the GPU of each query after the warm-up, in order. Older releases export the queries of the warm-up, too; they
 * are told by their start, as trtexec's own summary does it. undefined: the text is not of that form.
 */
export function computeTimes(text: string, warmUpMilliseconds: number): readonly number[] | undefined {
  let queries: unknown;
  try {
    queries = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(queries) || !queries.every(isQuery)) return undefined;
  const measured = queries.filter(query => query.startComputeMs >= warmUpMilliseconds);
  return (measured.length > 0 ? measured : queries).map(query => query.computeMs);
}

const isQuery = (value: unknown): value is Query =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Query).startComputeMs === 'number' &&
  typeof (value as Query).computeMs === 'number';
