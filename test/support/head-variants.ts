import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Head, headOf, TASKS, type Task } from '../../src/architectures/tasks.js';
import type { Tensors } from '../../src/runtime/session.js';
import { type ReferenceBatch, readTensors } from './reference.js';

export const HEAD_VARIANTS = fileURLToPath(new URL('../variants-of-heads/', import.meta.url));

/** A tiny checkpoint of one family with one head, and what PyTorch gives for it. */
export interface HeadVariant {
  readonly name: string;
  readonly modelType: string;
  readonly head: Head;
  readonly task: Task;
  readonly batch: ReferenceBatch;
}

const INPUTS: ReadonlySet<string> = new Set(['input_ids', 'attention_mask', 'token_type_ids']);

/** The names end in those of the heads: bert_multiple_choice. */
export const headVariants = (): readonly HeadVariant[] =>
  readdirSync(HEAD_VARIANTS)
    .filter(name => name !== 'README.md')
    .map(name => {
      const folder = join(HEAD_VARIANTS, name);
      const { model_type: modelType } = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
      const task = TASKS.find(known => name.endsWith(`_${headOf(known).replaceAll('-', '_')}`));
      if (task === undefined) throw new Error(`${name} does not end in the name of a head`);
      const tensors = Object.entries(readTensors(join(folder, 'expected.safetensors')));
      const pick = (isInput: boolean): Tensors =>
        Object.fromEntries(tensors.filter(([tensor]) => INPUTS.has(tensor) === isInput));
      const batch = { name, note: '', inputs: pick(true), outputs: inOrder(pick(false)), present: {} };
      return { name, modelType, head: headOf(task), task, batch };
    });

/** As a graph lists them. */
const inOrder = (outputs: Tensors): Tensors =>
  Object.fromEntries(
    ['logits', 'start_logits', 'end_logits', 'last_hidden_state', 'pooler_output']
      .filter(name => outputs[name])
      .map(name => [name, outputs[name]!]),
  );
