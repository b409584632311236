import type { Failure } from '../util/failure.js';
import { mapped, ok, type Result } from '../util/result.js';

/** Products that are left in float32 together, and how far the outputs move when they alone are quantised. */
export interface Sensitive {
  readonly paths: readonly string[];
  readonly difference: number;
}

/** Groups whose difference is at least this share of the worst one's are looked into. */
const BAD = 0.5;

/**
 * Products by how much they move the outputs, the worst first. Layers are asked first; the bad ones are halved until single products
 * are left. Where time is up, what was found until then is the answer.
 *
 * @param probe relative difference of the outputs when only these products are quantised
 */
export async function bySensitivity(
  products: readonly string[],
  probe: (paths: readonly string[]) => Promise<Result<number, Failure>>,
  isLate: () => boolean,
): Promise<Result<readonly Sensitive[], Failure>> {
  const measure = async (paths: readonly string[]): Promise<Result<Sensitive, Failure>> => {
    // An overflow, which gives NaN, is worse than any difference.
    return mapped(await probe(paths), value => ({ paths, difference: Number.isNaN(value) ? Infinity : value }));
  };
  const measured: Sensitive[] = [];
  for (const paths of layersOf(products)) {
    if (isLate()) return ok(worstFirst(measured));
    const layer = await measure(paths);
    if (!layer.ok) return layer;
    measured.push(layer.value);
  }
  const worst = Math.max(...measured.map(({ difference }) => difference));
  const found: Sensitive[] = [];
  const open = [...measured];
  while (open.length > 0) {
    const group = open.pop()!;
    if (group.paths.length === 1 || group.difference < BAD * worst || isLate()) {
      found.push(group);
      continue;
    }
    const middle = group.paths.length >> 1;
    for (const paths of [group.paths.slice(0, middle), group.paths.slice(middle)]) {
      const half = await measure(paths);
      if (!half.ok) return half;
      open.push(half.value);
    }
  }
  return ok(worstFirst(found));
}

const worstFirst = (groups: readonly Sensitive[]): Sensitive[] =>
  [...groups].sort((a, b) =>
    a.difference === b.difference ? (a.paths[0]! < b.paths[0]! ? -1 : 1) : a.difference > b.difference ? -1 : 1,
  );

/** 'bert.encoder.layer.0' for all that is in that layer; a product outside of layers is a group of its own. */
export function layersOf(products: readonly string[]): readonly (readonly string[])[] {
  const layers = new Map<string, string[]>();
  for (const path of products) {
    const layer = /^.*?\.\d+(?=\.|$)/.exec(path)?.[0] ?? path;
    layers.set(layer, [...(layers.get(layer) ?? []), path]);
  }
  return [...layers.values()];
}
