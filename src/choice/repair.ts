import type { Failure } from '../util/failure.js';
import { ok, type Result } from '../util/result.js';
import type { Mix } from './mix.js';
import type { Check, Workbench } from './search.js';
import { bySensitivity } from './sensitivity.js';

/** More of the products in float32, and it is no longer worth the name of the precision. */
const LARGEST_SHARE = 0.5;

export type Repaired = { readonly mix: Mix; readonly check: Check } | { readonly reason: string };

/**
 * The same precision with as few products in float32 as make it fit: the most sensitive ones. Their number is doubled until the mix
 * fits, then halved back.
 */
export async function repair(
  base: Mix,
  workbench: Workbench,
  isLate: () => boolean,
): Promise<Result<Repaired, Failure>> {
  const products = await workbench.products(base);
  if (!products.ok) return products;
  const all = products.value;
  const mixWithout = (paths: readonly string[]): Mix => ({ ...base, exclude: [...new Set(paths)].sort() });
  const probe = (paths: readonly string[]) =>
    workbench.probe(mixWithout(all.filter(product => !paths.includes(product))));
  const sensitive = await bySensitivity(all, probe, isLate);
  if (!sensitive.ok) return sensitive;
  const groups = sensitive.value.map(({ paths }) => paths);
  const mixOf = (worst: number): Mix => mixWithout(groups.slice(0, worst).flat());
  const allowed = groups.filter((_, index) => mixOf(index + 1).exclude.length <= LARGEST_SHARE * all.length).length;

  let fitting: { readonly groups: number; readonly mix: Mix; readonly check: Check } | undefined;
  let tooFew = 0;
  for (;;) {
    const next = fitting ? (tooFew + fitting.groups) >> 1 : Math.min(allowed, Math.max(1, 2 * tooFew));
    if (next === tooFew) break;
    if (isLate()) return ok(fitting ?? { reason: 'time was up before a mix of it fitted' });
    const mix = mixOf(next);
    const check = await workbench.check(mix);
    if (!check.ok) return check;
    if (check.value.unfit === undefined) fitting = { groups: next, mix, check: check.value };
    else tooFew = next;
  }
  return ok(fitting ?? { reason: `fits only with more than half of its ${all.length} products in float32` });
}
