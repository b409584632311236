import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { failureText } from '../../src/cli/failure-text.js';
import type { Session, Tensors } from '../../src/runtime/session.js';
import { openCheckpoint } from '../../src/weights/checkpoint.js';
import { exportGraph } from '../support/architectures.js';
import { exported, run } from '../support/exported.js';
import { dense, layerNorm } from '../support/plain-math.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { largestDifference, textBatch } from '../support/text-batches.js';
import {
  bertShapes,
  randomWeights,
  type StoredTensor,
  TINY_BERT,
  writeCheckpoint,
  writeSafetensors,
} from '../support/tiny-checkpoint.js';

const folder = temporaryFolders();

interface Module {
  readonly type: string;
  readonly path: string;
  readonly config?: unknown;
  readonly tensors?: Readonly<Record<string, StoredTensor>>;
}

const TRANSFORMER: Module = { type: 'sentence_transformers.models.Transformer', path: '' };
const pooling = (config: unknown): Module => ({
  type: 'sentence_transformers.models.Pooling',
  path: '1_Pooling',
  config,
});
const NORMALIZE: Module = { type: 'sentence_transformers.models.Normalize', path: '3_Normalize' };
const denseModule = (config: object, out = 5, into = 24): Module => ({
  type: 'sentence_transformers.models.Dense',
  path: '2_Dense',
  config: { in_features: into, out_features: out, bias: true, ...config },
  tensors: randomWeights({ 'linear.weight': [out, into], 'linear.bias': [out] }, { seed: 5 }),
});

/** A model folder with these modules behind a tiny BERT. */
function sentenceModel(modules: readonly Module[], at = folder()): string {
  const checkpoint = writeCheckpoint(join(at, 'checkpoint'), TINY_BERT, randomWeights(bertShapes()));
  const list = modules.map(({ type, path }, idx) => ({ idx, name: `${idx}`, path, type }));
  writeFileSync(join(checkpoint, 'modules.json'), JSON.stringify(list));
  for (const { path, config, tensors } of modules) {
    if (config === undefined && tensors === undefined) continue;
    mkdirSync(join(checkpoint, path));
    if (config !== undefined) writeFileSync(join(checkpoint, path, 'config.json'), JSON.stringify(config));
    if (tensors) writeSafetensors(join(checkpoint, path, 'model.safetensors'), tensors);
  }
  return checkpoint;
}

const embedder = (modules: readonly Module[]): Promise<Session> =>
  exported(sentenceModel(modules), 'sentence-similarity', folder());

const REAL = [
  [true, true, true, true, true],
  [true, true, true, false, false],
  [false, false, false, true, true],
  [false, true, true, true, false],
];
const batch = textBatch(TINY_BERT, REAL, 7);
const HIDDEN = TINY_BERT.hidden_size;

/** The hidden states of the tokens of each row, in their order, by the session itself. */
const tokensOf = (outputs: Tensors): number[][][] =>
  REAL.map((real, row) =>
    real.flatMap((isReal, position) => {
      const start = (row * real.length + position) * HIDDEN;
      return isReal ? [Array.from(outputs.last_hidden_state!.data.slice(start, start + HIDDEN), Number)] : [];
    }),
  );

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const perFeature = (tokens: readonly number[][], of: (values: readonly number[]) => number): number[] =>
  Array.from({ length: HIDDEN }, (_, feature) => of(tokens.map(token => token[feature]!)));

/** Each mode in plain numbers, over the tokens of one text. */
const MODES: Readonly<Record<string, (tokens: readonly number[][]) => number[]>> = {
  cls: tokens => tokens[0]!,
  max: tokens => perFeature(tokens, values => Math.max(...values)),
  mean: tokens => perFeature(tokens, values => sum(values) / values.length),
  mean_sqrt_len_tokens: tokens => perFeature(tokens, values => sum(values) / Math.sqrt(values.length)),
  weightedmean: tokens =>
    perFeature(tokens, values => sum(values.map((x, i) => x * (i + 1))) / ((values.length * (values.length + 1)) / 2)),
  lasttoken: tokens => tokens.at(-1)!,
};
const FLAGS: Readonly<Record<string, string>> = {
  cls: 'pooling_mode_cls_token',
  max: 'pooling_mode_max_tokens',
  mean: 'pooling_mode_mean_tokens',
  mean_sqrt_len_tokens: 'pooling_mode_mean_sqrt_len_tokens',
  weightedmean: 'pooling_mode_weightedmean_tokens',
  lasttoken: 'pooling_mode_lasttoken',
};

const embeddings = (outputs: Tensors): number[] => Array.from(outputs.sentence_embedding!.data, Number);

describe('pooling, with padding on either side and on both', () => {
  test.each(Object.keys(MODES))('%s, in both spellings', async mode => {
    for (const config of [{ [FLAGS[mode]!]: true }, { pooling_mode: mode }]) {
      const session = await embedder([TRANSFORMER, pooling(config)]);
      expect(session.outputs.map(({ name, shape }) => [name, shape])).toEqual([
        ['last_hidden_state', ['batch_size', 'sequence_length', HIDDEN]],
        ['sentence_embedding', ['batch_size', HIDDEN]],
      ]);
      const outputs = await run(session, batch);
      await session.release();
      const expected = tokensOf(outputs).flatMap(MODES[mode]!);
      expect(largestDifference(embeddings(outputs), expected)).toBeLessThan(1e-5);
      for (const [other, pool] of Object.entries(MODES)) {
        if (other === mode) continue;
        expect(largestDifference(embeddings(outputs), tokensOf(outputs).flatMap(pool)), other).toBeGreaterThan(1e-2);
      }
    }
  });

  test.each<[string, unknown, string[]]>([
    [
      'flags follow one another in a fixed order',
      { pooling_mode_lasttoken: true, pooling_mode_mean_tokens: true, pooling_mode_cls_token: true },
      ['cls', 'mean', 'lasttoken'],
    ],
    ['a list has the order that it has', { pooling_mode: ['mean', 'cls'] }, ['mean', 'cls']],
    ['no flag is the mean', { pooling_mode_mean_tokens: false, pooling_mode_cls_token: false }, ['mean']],
    ['an absent flag is off', { pooling_mode_max_tokens: true }, ['max']],
  ])('%s', async (_, config, modes) => {
    const session = await embedder([TRANSFORMER, pooling(config)]);
    const outputs = await run(session, batch);
    await session.release();
    const expected = tokensOf(outputs).flatMap(tokens => modes.flatMap(mode => MODES[mode]!(tokens)));
    expect(outputs.sentence_embedding!.shape).toEqual([REAL.length, modes.length * HIDDEN]);
    expect(largestDifference(embeddings(outputs), expected)).toBeLessThan(1e-5);
  });

  test.each(Object.keys(MODES))('%s without the prompt', async mode => {
    const session = await embedder([TRANSFORMER, pooling({ pooling_mode: mode, include_prompt: false })]);
    expect(session.inputs.at(-1)).toMatchObject({ name: 'prompt_length', shape: ['batch_size'] });
    for (const length of [0, 1]) {
      const promptLength = { dtype: 'int64', shape: [4], data: new BigInt64Array(4).fill(BigInt(length)) } as const;
      const outputs = await run(session, { ...batch, prompt_length: promptLength });
      const all = tokensOf(outputs);
      // Positions are counted from the beginning of the text, prompt included.
      const expected = all.flatMap(tokens =>
        mode === 'weightedmean' && length === 1
          ? perFeature(
              tokens.slice(1),
              values => sum(values.map((x, i) => x * (i + 2))) / sum(values.map((_x, i) => i + 2)),
            )
          : MODES[mode]!(tokens.slice(length)),
      );
      expect(largestDifference(embeddings(outputs), expected)).toBeLessThan(1e-5);
    }
    await session.release();
  });

  test('feature-extraction has the same outputs', async () => {
    const session = await exported(sentenceModel([TRANSFORMER, pooling({})]), 'feature-extraction', folder());
    expect(session.outputs.map(({ name }) => name)).toEqual(['last_hidden_state', 'sentence_embedding']);
    await session.release();
  });
});

describe('modules behind the pooling', () => {
  const numbers = ({ bytes }: StoredTensor): number[] => Array.from(new Float32Array(bytes.slice().buffer));

  test.each<[string, (x: number) => number]>([
    ['torch.nn.modules.activation.Tanh', Math.tanh],
    ['torch.nn.modules.activation.ReLU', x => Math.max(0, x)],
    ['torch.nn.modules.activation.Sigmoid', x => 1 / (1 + Math.exp(-x))],
    ['torch.nn.modules.linear.Identity', x => x],
  ])('Dense with %s, with and without bias', async (name, activated) => {
    for (const bias of [true, false]) {
      const { tensors, ...module } = denseModule({ activation_function: name, bias });
      const { 'linear.weight': weight, 'linear.bias': stored } = tensors!;
      const own = bias ? tensors! : { 'linear.weight': weight! };
      const session = await embedder([TRANSFORMER, pooling({}), { ...module, tensors: own }]);
      const outputs = await run(session, batch);
      await session.release();
      const offsets = bias ? numbers(stored!) : new Array<number>(5).fill(0);
      const expected = tokensOf(outputs).flatMap(tokens =>
        dense(MODES.mean!(tokens), numbers(weight!), offsets).map(activated),
      );
      expect(largestDifference(embeddings(outputs), expected)).toBeLessThan(1e-5);
    }
  });

  test('two of a kind, LayerNorm, Dropout, Normalize, by their newer class names', async () => {
    const [first, second] = [denseModule({}, 7), denseModule({}, 6, 7)];
    const norm = randomWeights({ 'norm.weight': [6], 'norm.bias': [6] }, { seed: 9 });
    const at = 'sentence_transformers.sentence_transformer.modules';
    const session = await embedder([
      { type: `${at}.Transformer`, path: '' },
      { ...pooling({ embedding_dimension: HIDDEN, pooling_mode: 'cls', include_prompt: true }), type: `${at}.Pooling` },
      first,
      { ...second, path: '3_Dense' },
      { type: `${at}.LayerNorm`, path: '4_LayerNorm', config: { dimension: 6 }, tensors: norm },
      { type: `${at}.Dropout`, path: '5_Dropout', config: { dropout: 0.2 } },
      { type: `${at}.Normalize`, path: '6_Normalize' },
    ]);
    const outputs = await run(session, batch);
    await session.release();
    const through = (x: readonly number[], { tensors }: Module): number[] =>
      dense(x, numbers(tensors!['linear.weight']!), numbers(tensors!['linear.bias']!)).map(Math.tanh);
    const expected = tokensOf(outputs).flatMap(tokens => {
      const deep = through(through(tokens[0]!, first), second);
      const normal = layerNorm(deep, numbers(norm['norm.weight']!), numbers(norm['norm.bias']!), 1e-5);
      return normal.map(value => value / Math.hypot(...normal));
    });
    expect(largestDifference(embeddings(outputs), expected)).toBeLessThan(1e-5);
  });
});

describe('refusals', () => {
  const refusal = (checkpoint: string, task = 'sentence-similarity'): string => {
    const opened = openCheckpoint(checkpoint);
    if (!opened.ok) throw new Error(opened.error.message);
    const result = exportGraph(opened.value, { task });
    if (result.ok) throw new Error('it was exported');
    expect(result.error.kind).toBe('usage');
    return failureText(result.error).replaceAll(checkpoint, 'model');
  };

  test('no modules.json', () => {
    const checkpoint = writeCheckpoint(join(folder(), 'plain'), TINY_BERT, randomWeights(bertShapes()));
    expect(refusal(checkpoint)).toBe(
      `error: modules-missing: nothing says how one vector is made of the tokens of a text
  where     model
  expected  modules.json and the folders it names, as SentenceTransformer.save writes them
  found     a checkpoint without modules.json
  fix       download the whole model folder; for vectors of tokens use task: 'feature-extraction'`,
    );
  });

  test('an unknown kind of module, with the nearest', () => {
    const checkpoint = sentenceModel([
      TRANSFORMER,
      pooling({}),
      { type: 'sentence_transformers.models.Dens', path: '2' },
    ]);
    expect(refusal(checkpoint)).toBe(
      `error: module-unknown: this kind of module cannot be exported
  where     model/modules.json
  expected  sentence_transformers.models, one of Transformer, Pooling, Dense, Normalize, LayerNorm, Dropout
  found     sentence_transformers.models.Dens
  fix       did you mean Dense?`,
    );
  });

  test('code of another project under a known name', () => {
    expect(refusal(sentenceModel([{ type: 'custom_st.Transformer', path: '' }, pooling({})]))).toContain(
      'found     custom_st.Transformer',
    );
  });

  test('an unknown pooling mode, in both spellings', () => {
    expect(refusal(sentenceModel([TRANSFORMER, pooling({ pooling_mode_mean_token: true })]))).toBe(
      `error: model-config: a module asks for what cannot be exported
  where     model/1_Pooling/config.json: pooling_mode_mean_token
  expected  one of pooling_mode_cls_token, pooling_mode_max_tokens, pooling_mode_mean_tokens, pooling_mode_mean_sqrt_len_tokens, pooling_mode_weightedmean_tokens, pooling_mode_lasttoken
  found     true
  fix       did you mean "pooling_mode_mean_tokens"?`,
    );
    expect(refusal(sentenceModel([TRANSFORMER, pooling({ pooling_mode: 'means' })]))).toBe(
      `error: model-config: a module asks for what cannot be exported
  where     model/1_Pooling/config.json: pooling_mode
  expected  one of cls, max, mean, mean_sqrt_len_tokens, weightedmean, lasttoken
  found     "means"
  fix       did you mean "mean"?`,
    );
  });

  test('a folder that is not there', () => {
    const { config: _, ...absent } = pooling({});
    expect(refusal(sentenceModel([TRANSFORMER, absent]))).toBe(
      `error: module-missing: a module that modules.json lists is not there
  where     model/modules.json
  expected  1_Pooling/config.json
  found     nothing
  fix       download the whole model folder, with the folders in it`,
    );
  });

  test('Dense without weights', () => {
    const { tensors: _, ...absent } = denseModule({});
    expect(refusal(sentenceModel([TRANSFORMER, pooling({}), absent]))).toBe(
      `error: weights-missing: the model folder has no weights
  where     model/2_Dense
  expected  model.safetensors, or model.safetensors.index.json with its files
  found     no weight file of a known kind
  fix       download the weights, or rename the one file to model.safetensors`,
    );
  });

  test('Dense with a weight of another name, and one of another shape', () => {
    const { tensors, ...module } = denseModule({});
    const renamed = { 'linear.weights': tensors!['linear.weight']!, 'linear.bias': tensors!['linear.bias']! };
    expect(refusal(sentenceModel([TRANSFORMER, pooling({}), { ...module, tensors: renamed }]))).toBe(
      `error: weight-missing: the checkpoint lacks a weight that the model needs
  where     model
  expected  2_Dense.linear.weight
  found     2_Dense.linear.weights is the nearest name
  fix       use a checkpoint that was saved whole; config.json must be the one that it was saved with`,
    );
    expect(refusal(sentenceModel([TRANSFORMER, pooling({}), denseModule({}, 5, 23)]))).toBe(
      `error: weight-shape: a weight has another shape than config.json asks for
  where     model: 2_Dense.linear.weight
  expected  [5, 24]
  found     [5, 23]
  fix       config.json and the weights are from different models: take both from the same one`,
    );
  });

  test.each<[string, Module[], string]>([
    ['no pooling', [TRANSFORMER, NORMALIZE], 'Transformer, Normalize in 3_Normalize'],
    [
      'Dense before the pooling',
      [TRANSFORMER, denseModule({}), pooling({})],
      'Transformer, Dense in 2_Dense, Pooling in 1_Pooling',
    ],
    [
      'the base model in a folder of its own',
      [{ ...TRANSFORMER, path: '0_Transformer' }, pooling({})],
      'Transformer in 0_Transformer, Pooling in 1_Pooling',
    ],
  ])('%s', (_, modules, found) => {
    expect(refusal(sentenceModel(modules))).toBe(
      `error: module-order: the modules of this model are not in an order that makes one vector of each text
  where     model/modules.json
  expected  Transformer in the model folder itself, Pooling, then any of Dense, LayerNorm, Normalize
  found     ${found}
  fix       save the model again with sentence-transformers; models of another kind are not supported`,
    );
  });

  test('a path that leads out of the folder', () => {
    expect(refusal(sentenceModel([TRANSFORMER, { ...pooling({}), path: '../1_Pooling' }]))).toBe(
      `error: modules-invalid: a file of the sentence-transformers model is not as it must be
  where     model/modules.json: module 1
  expected  "type", a class, and "path", a folder within the model folder
  found     {"idx":1,"name":"1","path":"../1_Pooling","type":"sentence_transformers.models.Pooling"}
  fix       save the model again with sentence-transformers, or download the file again`,
    );
  });

  test('modules do not stand in the way of other tasks', () => {
    const odd = sentenceModel([
      { type: 'sentence_transformers.sparse_encoder.models.SpladePooling', path: '1_Splade' },
    ]);
    expect(refusal(odd, 'feature-extraction')).toContain('module-unknown');
    expect(refusal(odd, 'fill-mask')).toContain('this checkpoint cannot do fill-mask');
  });
});
