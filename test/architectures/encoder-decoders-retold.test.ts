import { describe, expect, test } from 'vitest';
import { failureText } from '../../src/cli/failure-text.js';
import { tensorOf } from '../../src/graph/constants.js';
import { elementCount, type Tensor } from '../../src/graph/tensor.js';
import { writeModel } from '../../src/onnx/write.js';
import { openCheckpoint } from '../../src/weights/checkpoint.js';
import { exportGraph } from '../support/architectures.js';
import { int64, rowsOf } from '../support/decoding.js';
import { largestError, type ReferenceCase, readReference } from '../support/reference.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { decoderStep, encoded, openTextToText } from '../support/text-to-text.js';

/** The same model told in another way gives what PyTorch gave for the first. */
const folder = temporaryFolders();

interface Told {
  readonly config: Record<string, unknown>;
  readonly tensors: Map<string, Tensor>;
}

function told(reference: ReferenceCase, change: (told: Told) => void) {
  const checkpoint = openCheckpoint(reference.folder);
  if (!checkpoint.ok) throw new Error(JSON.stringify(checkpoint.error));
  const config = { ...checkpoint.value.configJson };
  const tensors = new Map(checkpoint.value.tensors);
  change({ config, tensors });
  return { folder: 'model', configJson: config, tensors, metadata: {} };
}

async function errorOf(name: string, change: (told: Told) => void): Promise<number> {
  const reference = readReference(name);
  const exported = exportGraph(told(reference, change), { task: reference.task });
  if (!exported.ok) throw new Error(failureText(exported.error));
  const at = folder();
  for (const [file, graph] of Object.entries(exported.value.graphs)) {
    const written = await writeModel(graph, { folder: at, file, durable: false });
    if (!written.ok) throw new Error(JSON.stringify(written.error));
  }
  const model = await openTextToText(at);
  const errors: number[] = [];
  for (const batch of reference.batches) {
    const source = await encoded(model, batch.inputs.input_ids!, batch.inputs.attention_mask!);
    const { logits } = await decoderStep(model, batch.inputs.decoder_input_ids!, source);
    errors.push(largestError({ ...batch, inputs: {} }, 'logits', logits));
  }
  await Promise.all([model.encoder.release(), model.decoder.release()]);
  return Math.max(...errors);
}

const zeros = ({ shape }: Tensor): Tensor => tensorOf('float32', shape, new Float32Array(elementCount(shape)));

function renamed({ tensors }: Told, from: string, ...to: readonly string[]): void {
  const tensor = tensors.get(from)!;
  tensors.delete(from);
  for (const name of to) tensors.set(name, tensor);
}

/** One layer more that leaves everything as it is: what it adds is 0. */
function withIdleBlock({ tensors }: Told, stack: string): void {
  for (const [name, tensor] of [...tensors]) {
    if (!name.startsWith(`${stack}.block.1.`)) continue;
    const isAdded = /\.(o|wo)\.weight$/.test(name);
    tensors.set(name.replace('block.1', 'block.2'), isAdded ? zeros(tensor) : tensor);
  }
}

describe('the same model, told in another way', () => {
  test.each<[string, string, (told: Told) => void]>([
    [
      't5',
      'with the embeddings under the name of the encoder',
      t => renamed(t, 'shared.weight', 'encoder.embed_tokens.weight'),
    ],
    ['t5', 'with the embeddings under the name of the logits', t => renamed(t, 'shared.weight', 'lm_head.weight')],
    [
      't5',
      'with the embeddings under all names',
      t =>
        renamed(
          t,
          'shared.weight',
          'shared.weight',
          'encoder.embed_tokens.weight',
          'decoder.embed_tokens.weight',
          'lm_head.weight',
        ),
    ],
    [
      't5',
      'as transformers 5 writes it: tied, and scaled by a setting of its own',
      t => Object.assign(t.config, { tie_word_embeddings: true, scale_decoder_outputs: true }),
    ],
    [
      't5_v11',
      'as transformers 5 writes it: tied although it has a table for the logits, and not scaled',
      t => Object.assign(t.config, { tie_word_embeddings: true, scale_decoder_outputs: false }),
    ],
    ['mt5', 'as transformers 4 writes it', t => Object.assign(t.config, { tie_word_embeddings: false })],
    [
      't5',
      'with a decoder that is deeper than the encoder',
      t => {
        t.config.num_decoder_layers = 3;
        withIdleBlock(t, 'decoder');
      },
    ],
    [
      't5_v11',
      'with an encoder that is deeper than the decoder',
      t => {
        t.config.num_layers = 3;
        withIdleBlock(t, 'encoder');
      },
    ],
    [
      't5',
      'without the depth of the decoder, which is then that of the encoder',
      t => {
        t.config.num_decoder_layers = null;
      },
    ],
    [
      'bart',
      'with the embeddings under the name of the logits',
      t => renamed(t, 'model.shared.weight', 'lm_head.weight'),
    ],
    [
      'bart',
      'with a table of its own for the logits, that holds the same',
      t => {
        t.config.tie_word_embeddings = false;
        renamed(t, 'model.shared.weight', 'model.shared.weight', 'lm_head.weight');
      },
    ],
    [
      'mbart',
      'with every name of the embeddings',
      t =>
        renamed(
          t,
          'model.shared.weight',
          ...['shared', 'encoder.embed_tokens', 'decoder.embed_tokens'].map(at => `model.${at}.weight`),
          'lm_head.weight',
        ),
    ],
    [
      'marian',
      'with embeddings that are not shared, and hold the same',
      t => {
        t.config.share_encoder_decoder_embeddings = false;
        renamed(t, 'model.shared.weight', 'model.encoder.embed_tokens.weight', 'model.decoder.embed_tokens.weight');
      },
    ],
  ])('%s %s', async (name, _, change) => {
    expect(await errorOf(name, change)).toBeLessThanOrEqual(1e-4);
  });

  test.each<[string, string, (told: Told) => void]>([
    ['t5', 'without the scale of the logits', t => Object.assign(t.config, { scale_decoder_outputs: false })],
    ['mt5', 'with one', t => Object.assign(t.config, { scale_decoder_outputs: true })],
    ['t5', 'with buckets for longer distances', t => Object.assign(t.config, { relative_attention_max_distance: 40 })],
    ['mbart', 'with embeddings that are not scaled', t => Object.assign(t.config, { scale_embedding: false })],
    ['bart', 'with another activation', t => Object.assign(t.config, { activation_function: 'relu' })],
    ['bart', 'with other heads in the encoder', t => Object.assign(t.config, { encoder_attention_heads: 2 })],
    ['bart', 'with other heads in the decoder', t => Object.assign(t.config, { decoder_attention_heads: 2 })],
    ['marian', 'without the bias of the logits', t => t.tensors.delete('final_logits_bias')],
  ])('another model is seen: %s %s', async (name, _, change) => {
    expect(await errorOf(name, change)).toBeGreaterThan(1e-2);
  });
});

test('t5 knows distances alone: padding on the left changes nothing', async () => {
  const reference = readReference('t5');
  const at = folder();
  const exported = exportGraph(
    told(reference, () => undefined),
    { task: reference.task },
  );
  if (!exported.ok) throw new Error(failureText(exported.error));
  for (const [file, graph] of Object.entries(exported.value.graphs)) await writeModel(graph, { folder: at, file });
  const model = await openTextToText(at);
  const batch = reference.batches[0]!;
  const padded = (name: string, padding: number) =>
    int64(rowsOf(batch.inputs[name]!).map(row => [...new Array<number>(5).fill(padding), ...row]));
  const source = await encoded(model, padded('input_ids', 7), padded('attention_mask', 0));
  const { logits } = await decoderStep(model, batch.inputs.decoder_input_ids!, source);
  expect(largestError({ ...batch, inputs: {} }, 'logits', logits)).toBeLessThanOrEqual(reference.tolerance);
  await Promise.all([model.encoder.release(), model.decoder.release()]);
});

describe('refusals', () => {
  const refusal = (name: string, change: (told: Told) => void, task = readReference(name).task): string => {
    const exported = exportGraph(told(readReference(name), change), { task });
    return exported.ok ? '' : failureText(exported.error);
  };

  test('a feed-forward layer of another kind, with the nearest', () => {
    expect(refusal('t5_v11', t => Object.assign(t.config, { feed_forward_proj: 'gated-gleu' }))).toBe(
      `error: model-config: config.json asks for what cannot be exported
  where     model/config.json: feed_forward_proj
  expected  one of relu, gelu, silu, gated-relu, gated-gelu, gated-silu
  found     "gated-gleu"
  fix       did you mean "gated-gelu"?`,
    );
  });

  test('buckets that reach further than the longest distance', () => {
    expect(refusal('t5', t => Object.assign(t.config, { relative_attention_max_distance: 4 }))).toBe(
      `error: model-config: config.json asks for what cannot be exported
  where     model/config.json: relative_attention_max_distance
  expected  more than half of relative_attention_num_buckets, which is 8
  found     4`,
    );
  });

  test('heads that do not divide the hidden size, on both sides', () => {
    const config = { encoder_attention_heads: 7, decoder_attention_heads: 5 };
    expect(refusal('bart', t => Object.assign(t.config, config))).toBe(
      `error: config.json asks for what cannot be exported

error: model-config: config.json asks for what cannot be exported
  where     model/config.json: encoder_attention_heads
  expected  a divisor of d_model, which is 48
  found     7

error: model-config: config.json asks for what cannot be exported
  where     model/config.json: decoder_attention_heads
  expected  a divisor of d_model, which is 48
  found     5`,
    );
  });

  test('a task that the checkpoint was not saved for', () => {
    const refused = (task: string, found: string) => `error: task-impossible: this checkpoint cannot do ${task}
  where     model
  expected  one of its tasks: ${found}
  found     a checkpoint saved as`;
    expect(refusal('marian', () => undefined, 'fill-mask')).toContain(refused('fill-mask', 'text2text-generation'));
    const classifier = refusal('bart_seqcls', () => undefined, 'text2text-generation');
    expect(classifier).toContain(
      refused('text2text-generation', 'text-classification, text-ranking, zero-shot-classification'),
    );
  });

  test('a weight that only the decoder reads, and only once', () => {
    const name = 'decoder.block.1.layer.1.EncDecAttention.v.weight';
    expect(refusal('t5', t => t.tensors.delete(name))).toBe(
      `error: weight-missing: the checkpoint lacks a weight that the model needs
  where     model
  expected  ${name}
  found     decoder.block.0.layer.1.EncDecAttention.v.weight is the nearest name
  fix       use a checkpoint that was saved whole; config.json must be the one that it was saved with`,
    );
  });

  test('a table for the logits that is untied and not there', () => {
    expect(refusal('bart', t => Object.assign(t.config, { tie_word_embeddings: false }))).toContain(
      'expected  lm_head.weight',
    );
  });
});
