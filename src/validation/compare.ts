import type { Tensors } from '../runtime/session.js';
import type { CaseMode } from './cases.js';
import { type Difference, DifferenceMeter, rowsOf } from './difference.js';
import { isLogits, type Reference, type ReferenceCase } from './reference.js';
import type { OutputValidation } from './verdict.js';

/** Collects the differences of all cases, by output and mode. */
export class Comparison {
  private readonly meters = new Map<string, { all: DifferenceMeter; modes: Map<CaseMode, DifferenceMeter> }>();

  constructor(private readonly outputs: Reference['outputs']) {
    for (const name of Object.keys(outputs)) {
      this.meters.set(name, { all: new DifferenceMeter(isLogits(name)), modes: new Map() });
    }
  }

  /** @param found the artefact's outputs for the inputs of `reference` */
  add(reference: ReferenceCase, found: Tensors): void {
    for (const [name, { sequence, written }] of Object.entries(this.outputs)) {
      const mask = written ? undefined : reference.inputs.attention_mask;
      const { all, modes } = this.meters.get(name)!;
      let mode = modes.get(reference.mode);
      if (!mode) modes.set(reference.mode, (mode = new DifferenceMeter(isLogits(name))));
      const foundRows = rowsOf(found[name]!, mask, sequence);
      for (const row of rowsOf(reference.outputs[name]!, mask, sequence)) {
        const foundRow = foundRows.next().value!;
        all.add(row, foundRow);
        mode.add(row, foundRow);
      }
    }
  }

  result(): Record<string, OutputValidation> {
    return Object.fromEntries(
      [...this.meters].map(([name, { all, modes }]) => [
        name,
        { all: all.result(), modes: Object.fromEntries([...modes].map(([mode, meter]) => [mode, meter.result()])) },
      ]),
    );
  }
}

/** Rows of two tensors of one shape, such as the logits of the evaluation data. */
export function differenceOf(reference: Tensors[string], found: Tensors[string], countsTop1: boolean): Difference {
  const meter = new DifferenceMeter(countsTop1);
  const foundRows = rowsOf(found, undefined, false);
  for (const row of rowsOf(reference, undefined, false)) meter.add(row, foundRows.next().value!);
  return meter.result();
}

/**
 * Largest difference, within the reference, between texts alone and the same texts padded on the right. Cases come as
 * `validationCases` orders them: the texts of a batch alone, then the batch.
 */
export function paddingEffectOf(cases: readonly ReferenceCase[], outputs: Reference['outputs']): number | undefined {
  let effect: number | undefined;
  for (const [name, { sequence, written }] of Object.entries(outputs)) {
    let alone: Float32Array[] = [];
    for (const { mode, inputs, outputs: results } of cases) {
      const rows = [...rowsOf(results[name]!, written ? undefined : inputs.attention_mask, sequence)];
      if (mode === 'unpadded') alone.push(...rows);
      if (mode !== 'padded-right') continue;
      const meter = new DifferenceMeter(false);
      for (const [index, row] of rows.entries()) meter.add(alone[index]!, row);
      effect = Math.max(effect ?? 0, meter.result().maxAbs);
      alone = [];
    }
  }
  return effect;
}
