import { describe, expect, test } from 'vitest';
import type { Architecture } from '../../src/architectures/architecture.js';
import { findArchitecture, ARCHITECTURES as LIST } from '../../src/architectures/index.js';
import { failureText } from '../../src/cli/failure-text.js';
import type { Tensor } from '../../src/graph/tensor.js';
import type { Checkpoint } from '../../src/weights/checkpoint.js';
import { ARCHITECTURES, exportGraph, readModelFacts } from '../support/architectures.js';
import { type BertConfig, bertShapes, type Shapes, TINY_BERT } from '../support/tiny-checkpoint.js';

const CLASSIFIER = { ...bertShapes(), 'classifier.weight': [2, 24], 'classifier.bias': [2] };

/** A checkpoint of names and shapes only: no failure here needs the bytes. */
function checkpoint(
  shapes: Shapes = CLASSIFIER,
  config: Record<string, unknown> = TINY_BERT,
  dtype = 'float32',
): Checkpoint {
  const tensors = Object.entries(shapes).map(([name, shape]): [string, Tensor] => [
    name,
    {
      dtype: dtype as Tensor['dtype'],
      shape,
      data: { from: 'file', file: '/model/model.safetensors', offset: 0, byteLength: 0 },
    },
  ]);
  return { folder: 'model', configJson: config, tensors: new Map(tensors), metadata: {} };
}

function refusal(opened: Checkpoint, task = 'text-classification'): string {
  const exported = exportGraph(opened, { task });
  expect(exported.ok).toBe(false);
  if (exported.ok) return '';
  expect(exported.error.kind).toBe('usage');
  return failureText(exported.error);
}

const without = (shapes: Shapes, ...names: string[]): Shapes =>
  Object.fromEntries(Object.entries(shapes).filter(([name]) => !names.includes(name)));

test('the checkpoint that all of these are changes of is exported', () => {
  expect(exportGraph(checkpoint(), { task: 'text-classification' }).ok).toBe(true);
});

const FAMILIES = Object.keys(LIST).join(', ');

describe('the list of families', () => {
  test('each stands under its own model_type', () => {
    expect(ARCHITECTURES.map(({ modelType }) => modelType)).toEqual(Object.keys(LIST));
  });

  const refused = async (
    config: Readonly<Record<string, unknown>>,
    more?: readonly Architecture[],
  ): Promise<string> => {
    const found = await findArchitecture(config, 'model', more);
    return found.ok ? found.value.modelType : failureText(found.error);
  };

  test('an unknown family, with the nearest', async () => {
    expect(await refused({ ...TINY_BERT, model_type: 'bertt' })).toBe(
      `error: architecture-unknown: this family of models cannot be exported yet
  where     model/config.json: model_type
  expected  one of ${FAMILIES}
  found     "bertt"
  fix       did you mean "bert"? If not, use exporter: 'torch', or write it yourself: docs/adding-an-architecture.md`,
    );
  });

  test('no family at all', async () => {
    const { model_type: _, ...config } = TINY_BERT;
    expect(await refused(config)).toBe(
      `error: architecture-unknown: this family of models cannot be exported yet
  where     model/config.json: model_type
  expected  one of ${FAMILIES}
  found     nothing
  fix       use exporter: 'torch', or write it yourself: docs/adding-an-architecture.md`,
    );
  });

  test('what every object has is not a family', async () => {
    expect(await refused({ model_type: 'toString' })).toContain('found     "toString"');
  });

  test("a family of the user's own is one more, and comes before one of the same name", async () => {
    const own = (modelType: string): Architecture => ({ ...ARCHITECTURES[0]!, modelType });
    expect(await refused({ model_type: 'mine' }, [own('mine')])).toBe('mine');
    expect(await refused({ model_type: 'mini' }, [own('mine')])).toContain(`${FAMILIES}, mine\n`);
    expect(await refused({ model_type: 'mini' }, [own('mine')])).toContain('did you mean "mine"?');
    const bert = own('bert');
    expect(await findArchitecture(TINY_BERT, 'model', [bert])).toEqual({ ok: true, value: bert });
  });
});

describe('task', () => {
  test('an unknown task, with the nearest', () => {
    expect(refusal(checkpoint(), 'text-clasification')).toBe(
      `error: task-unknown: there is no such task, or it cannot be exported yet
  expected  one of text-classification, text-ranking, zero-shot-classification, token-classification, question-answering, fill-mask, text-generation, text2text-generation, automatic-speech-recognition, multiple-choice, image-classification, feature-extraction, sentence-similarity
  found     text-clasification
  fix       did you mean text-classification?`,
    );
  });

  test('a head that the checkpoint was not saved with', () => {
    const config = { ...TINY_BERT, architectures: ['BertForSequenceClassification'] };
    const text = (task: string) => `error: task-impossible: this checkpoint cannot do ${task}
  where     model
  expected  one of its tasks: text-classification, text-ranking, zero-shot-classification, feature-extraction, sentence-similarity
  found     a checkpoint saved as BertForSequenceClassification
  fix       change the task, or use a checkpoint that was trained for it`;
    // Names and shapes of the weights would fit a token classifier: only the class tells the two apart.
    for (const task of ['token-classification', 'fill-mask', 'question-answering']) {
      expect(refusal(checkpoint(CLASSIFIER, config), task)).toBe(text(task));
    }
  });

  test('without a class in config.json the weights decide', () => {
    expect(refusal(checkpoint(bertShapes()), 'question-answering')).toBe(
      `error: task-impossible: this checkpoint cannot do question-answering
  where     model
  expected  one of its tasks: feature-extraction, sentence-similarity
  found     no weights of a head for this task
  fix       change the task, or use a checkpoint that was trained for it`,
    );
  });

  test('the facts of a model need no weights', () => {
    expect(readModelFacts({ ...TINY_BERT }, 'fill-mask', 'model')).toEqual({
      ok: true,
      value: { modelType: 'bert', task: 'fill-mask', maxSequence: 16, labels: [] },
    });
    expect(readModelFacts({ ...TINY_BERT, architectures: ['BertModel'] }, 'fill-mask', 'model').ok).toBe(false);
  });
});

describe('config.json', () => {
  test('every problem at once', () => {
    const config = {
      ...TINY_BERT,
      vocab_size: '40',
      num_hidden_layers: 0,
      layer_norm_eps: -1,
      hidden_act: 'gelu_nwe',
      position_embedding_type: 'relative_key',
      is_decoder: true,
      add_cross_attention: true,
      id2label: { 0: 'a', 2: 'b' },
    };
    expect(refusal(checkpoint(CLASSIFIER, config))).toBe(`error: config.json asks for what cannot be exported

error: model-config: config.json asks for what cannot be exported
  where     model/config.json: vocab_size
  expected  an integer from 1 up
  found     "40"

error: model-config: config.json asks for what cannot be exported
  where     model/config.json: num_hidden_layers
  expected  an integer from 1 up
  found     0

error: model-config: config.json asks for what cannot be exported
  where     model/config.json: hidden_act
  expected  one of gelu, gelu_python, gelu_new, gelu_pytorch_tanh, gelu_python_tanh, gelu_fast, quick_gelu, relu, silu, swish, tanh, sigmoid, linear
  found     "gelu_nwe"
  fix       did you mean "gelu_new"?

error: model-config: config.json asks for what cannot be exported
  where     model/config.json: layer_norm_eps
  expected  a number greater than 0
  found     -1

error: model-config: config.json asks for what cannot be exported
  where     model/config.json: id2label
  expected  an object {"0": "name", "1": "name", …} with every id once
  found     {"0":"a","2":"b"}

error: model-config: config.json asks for what cannot be exported
  where     model/config.json: position_embedding_type
  expected  "absolute"
  found     "relative_key"
  fix       relative position embeddings are not supported yet

error: model-config: config.json asks for what cannot be exported
  where     model/config.json: is_decoder
  expected  false
  found     true
  fix       a decoder needs a causal mask: it is not supported for this family

error: model-config: config.json asks for what cannot be exported
  where     model/config.json: add_cross_attention
  expected  false
  found     true
  fix       cross-attention is not supported for this family`);
  });

  test('heads that do not divide the hidden size', () => {
    expect(refusal(checkpoint(CLASSIFIER, { ...TINY_BERT, num_attention_heads: 5 }))).toBe(
      `error: model-config: config.json asks for what cannot be exported
  where     model/config.json: num_attention_heads
  expected  a divisor of hidden_size, which is 24
  found     5`,
    );
  });

  test('null means the default, as in transformers', () => {
    const config = { ...TINY_BERT, position_embedding_type: null, id2label: null, layer_norm_eps: null };
    expect(exportGraph(checkpoint(CLASSIFIER, config), { task: 'text-classification' }).ok).toBe(true);
  });
});

describe('weights', () => {
  test('one is missing: the unused one with the nearest name is shown', () => {
    const shapes = without({ ...CLASSIFIER, 'bert.poler.dense.bias': [24] }, 'bert.pooler.dense.bias');
    expect(refusal(checkpoint(shapes))).toBe(`error: weight-missing: the checkpoint lacks a weight that the model needs
  where     model
  expected  bert.pooler.dense.bias
  found     bert.poler.dense.bias is the nearest name
  fix       use a checkpoint that was saved whole; config.json must be the one that it was saved with`);
  });

  test('a name is shown as this checkpoint writes it: without prefix here', () => {
    const shapes = without(bertShapes(TINY_BERT, ''), 'embeddings.LayerNorm.bias');
    expect(refusal(checkpoint(shapes), 'feature-extraction')).toBe(
      `error: weight-missing: the checkpoint lacks a weight that the model needs
  where     model
  expected  embeddings.LayerNorm.bias
  found     embeddings.LayerNorm.weight is the nearest name
  fix       use a checkpoint that was saved whole; config.json must be the one that it was saved with`,
    );
  });

  test('more layers in config.json than in the checkpoint: eight weights are named, the others counted', () => {
    const text = refusal(checkpoint(CLASSIFIER, { ...TINY_BERT, num_hidden_layers: 3 }));
    expect(text.match(/error: weight-missing/g)).toHaveLength(8);
    expect(text).toMatch(/^error: the weights do not fit the model\n/);
    expect(text).toMatch(/\n {2}\| 8 more weights missing$/);
  });

  test('fewer layers in config.json than in the checkpoint', () => {
    expect(refusal(checkpoint(CLASSIFIER, { ...TINY_BERT, num_hidden_layers: 1 }))).toBe(
      `error: weight-unused: the checkpoint holds weights that the model has no use for
  where     model
  expected  every weight to be used: one that is left out silently would make the model wrong
  found     16 weights
  fix       check that model_type and the sizes in config.json are those of this checkpoint
  | bert.encoder.layer.1.attention.self.query.weight
  | bert.encoder.layer.1.attention.self.query.bias
  | bert.encoder.layer.1.attention.self.key.weight
  | bert.encoder.layer.1.attention.self.key.bias
  | bert.encoder.layer.1.attention.self.value.weight
  | bert.encoder.layer.1.attention.self.value.bias
  | bert.encoder.layer.1.attention.output.dense.weight
  | bert.encoder.layer.1.attention.output.dense.bias
  | and 8 more`,
    );
  });

  test('a shape that config.json contradicts, once for each weight', () => {
    const config: BertConfig = { ...TINY_BERT, vocab_size: 41, max_position_embeddings: 8 };
    expect(refusal(checkpoint(CLASSIFIER, config))).toBe(`error: the weights do not fit the model

error: weight-shape: a weight has another shape than config.json asks for
  where     model: bert.embeddings.word_embeddings.weight
  expected  [41, 24]
  found     [40, 24]
  fix       config.json and the weights are from different models: take both from the same one

error: weight-shape: a weight has another shape than config.json asks for
  where     model: bert.embeddings.position_embeddings.weight
  expected  [8, 24]
  found     [16, 24]
  fix       config.json and the weights are from different models: take both from the same one`);
  });

  test('as many labels as config.json names', () => {
    expect(refusal(checkpoint(CLASSIFIER, { ...TINY_BERT, id2label: { 0: 'a', 1: 'b', 2: 'c' } }))).toMatch(
      /where {5}model: classifier\.weight\n {2}expected {2}\[3, 24\]\n {2}found {5}\[2, 24\]/,
    );
  });

  test('weights that are not floating-point', () => {
    expect(refusal(checkpoint({ ...CLASSIFIER }, TINY_BERT, 'int8'))).toMatch(
      /error: weight-dtype: a weight is not of a floating-point type\n {2}where {5}model: bert\.embeddings\.word_embeddings\.weight\n {2}expected {2}F32, F16, BF16 or F64\n {2}found {5}int8\n/,
    );
  });

  test('the decoder must be there when the checkpoint unties it', () => {
    const head = {
      'cls.predictions.bias': [40],
      'cls.predictions.transform.dense.weight': [24, 24],
      'cls.predictions.transform.dense.bias': [24],
      'cls.predictions.transform.LayerNorm.weight': [24],
      'cls.predictions.transform.LayerNorm.bias': [24],
    };
    const shapes = { ...bertShapes(), ...head };
    expect(exportGraph(checkpoint(shapes), { task: 'fill-mask' }).ok).toBe(true);
    expect(refusal(checkpoint(shapes, { ...TINY_BERT, tie_word_embeddings: false }), 'fill-mask')).toMatch(
      /expected {2}cls\.predictions\.decoder\.weight\n/,
    );
  });
});
