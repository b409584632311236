import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bytesOfNumbers } from '../../src/graph/elements.js';
import { renamedSession, type SessionNames } from '../../src/runtime/renamed-session.js';
import { openSession } from '../../src/runtime/session.js';
import { importStage } from '../../src/stages/import.js';
import { tracedFolder } from '../passes/traced-support.js';
import { generated } from '../support/decoding.js';
import { readReference } from '../support/reference.js';
import { runStage } from '../support/run-stage.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { type Model, readProto, typed, writeProto } from './support.js';

const folder = temporaryFolders();

type Nodes = NonNullable<NonNullable<Model['graph']>['node']>;
type Node = Nodes[number];

const GPT2 = join(tracedFolder('gpt2-torchscript-14-eager'), 'model.onnx');

const node = (op_type: string, input: readonly string[], output: string): Node => ({
  op_type,
  name: output,
  input: [...input],
  output: [output],
});

const integers = (name: string, shape: readonly number[], numbers: readonly number[]) => ({
  name,
  dims: [...shape],
  data_type: 7,
  raw_data: bytesOfNumbers('int64', numbers),
});

/** The same model, in which positions count the cache, whatever of it is padding, as GPT-2 does where it is given none. */
function withCountedPositions(model: Model): Model {
  const graph = model.graph!;
  const length = (name: string, axis: string) => [
    node('Shape', [name], `${name}/shape`),
    node('Gather', [`${name}/shape`, axis], `${name}/length`),
  ];
  const counting = [
    ...length('past_key_values.0.key', 'two'),
    ...length('input_ids', 'one'),
    node('Add', ['past_key_values.0.key/length', 'input_ids/length'], 'total'),
    node('Range', ['past_key_values.0.key/length', 'total', 'one'], 'counted'),
    node('Expand', ['counted', 'input_ids/shape'], 'position_ids'),
  ];
  return {
    ...model,
    graph: {
      ...graph,
      input: graph.input!.filter(({ name }) => name !== 'position_ids'),
      node: [...counting, ...graph.node!],
      initializer: [...graph.initializer!, integers('one', [], [1]), integers('two', [], [2])],
    },
  };
}

/** As Optimum merges a decoder with a cache and one without: both are whole branches of an If. */
function merged(model: Model, withCache: (nodes: Nodes) => Nodes = nodes => nodes): Model {
  const graph = model.graph!;
  const outer = new Set([...graph.input!, ...graph.initializer!].map(({ name }) => name!));
  const branch = (name: string, nodes: Nodes) => {
    const inside = (value: string): string => (value === '' || outer.has(value) ? value : `${name}/${value}`);
    return {
      name,
      node: nodes.map(each => ({ ...each, input: each.input?.map(inside) ?? [], output: each.output!.map(inside) })),
      output: graph.output!.map(output => ({ ...output, name: inside(output.name!) })),
    };
  };
  const branches = { then_branch: branch('yes', withCache(graph.node!)), else_branch: branch('no', graph.node!) };
  const choice: Node = {
    op_type: 'If',
    name: 'choice',
    input: ['use_cache_branch'],
    output: graph.output!.map(({ name }) => name!),
    attribute: Object.entries(branches).map(([name, g]) => ({ name, type: 5, g })),
  };
  return {
    ...model,
    graph: { ...graph, node: [choice], input: [...graph.input!, typed('use_cache_branch', 'bool', [1])] },
  };
}

/** Every token sees every token: what a trace of a single token leaves of a causal mask. */
const withoutCausalMask = (nodes: Nodes): Nodes =>
  nodes.map(each =>
    each.op_type === 'LessOrEqual'
      ? { ...each, op_type: 'GreaterOrEqual', input: [each.input![0]!, each.input![0]!] }
      : each,
  );

async function imported(model: Model) {
  const checkpoint = folder();
  writeProto(checkpoint, model);
  const at = folder();
  const params = { task: 'text-generation', file: 'model.onnx' };
  const outputs = ['model', 'interface'];
  return { checkpoint, done: await runStage(importStage, at, { params, inputs: { checkpoint }, outputs }) };
}

async function refusal(model: Model): Promise<string> {
  const { checkpoint, done } = await imported(model);
  if (done.ok) throw new Error('was imported');
  const { code, kind, message, where, expected, found, fix } = done.error;
  expect(kind).toBe('usage');
  expect(where).toBe(join(checkpoint, 'model.onnx'));
  return `${code}: ${message}\nexpected: ${expected}\nfound: ${found}\nfix: ${fix}`;
}

describe('decoders that are refused', () => {
  test('without a cache', async () => {
    const model = readProto(join(tracedFolder('distilbert-torchscript-14'), 'model.onnx'));
    expect(await refusal(model)).toBe(`onnx-inputs: the inputs of the model are not those of a decoder with a cache
expected: input_ids, attention_mask, position_ids where the model reads them, and past_key_values.N.key and .value of every layer
found: no past_key_values.0.key: 'input_ids', 'attention_mask'
fix: export it with its cache: optimum-cli export onnx --task text-generation-with-past`);
  });

  test('with half of a cache', async () => {
    const model = readProto(GPT2);
    const graph = model.graph!;
    const input = graph.input!.filter(({ name }) => name !== 'past_key_values.1.value');
    const initializer = [
      ...graph.initializer!,
      { ...integers('past_key_values.1.value', [1, 4, 0, 12], []), data_type: 1 },
    ];
    expect(await refusal({ ...model, graph: { ...graph, input, initializer } })).toContain(
      'found: no past_key_values.1.value:',
    );
  });

  test('whose positions count padding', async () => {
    const says = await refusal(withCountedPositions(readProto(GPT2)));
    expect(
      says.replace(/\d+\.\d+/g, '…'),
    ).toBe(`onnx-cache: the model does not say the same with and without a cache or padding
expected: the same logits for words that are read at once, in parts and beside padding
found: padded on the left, logits of up to … differ by …
fix: export it with dynamic axes and position_ids, as Optimum does, or build it from the checkpoint: a folder with safetensors`);
  });

  test('whose branch with a cache takes one token only', async () => {
    const says = await refusal(merged(readProto(GPT2), withoutCausalMask));
    expect(says.replace(/\d+\.\d+/g, '…')).toContain('found: in parts, with a cache, logits of up to … differ by …');
  });
});

test('a decoder of two branches is the one with the cache, which takes an empty one', async () => {
  const { checkpoint, done } = await imported(merged(readProto(GPT2)));
  if (!done.ok) throw new Error(JSON.stringify(done.error));
  const session = await openSession(done.value.model!, 'model.onnx', { dataFolder: checkpoint, threads: 1 });
  if (!session.ok) throw new Error(JSON.stringify(session.error));
  expect(session.value.inputs.map(({ name }) => name)).not.toContain('use_cache_branch');
  // A file as it was given is asked for the branch that each call needs: this one's cache serves single tokens only.
  const other = folder();
  writeProto(other, merged(readProto(GPT2), withoutCausalMask));
  const asGiven = await openSession(other, 'model.onnx', { threads: 1 });
  if (!asGiven.ok) throw new Error(JSON.stringify(asGiven.error));
  const names = JSON.parse(readFileSync(done.value.interface!, 'utf8')) as SessionNames;
  const given = renamedSession(asGiven.value, names);
  const reference = readReference('gpt2');
  const greedy = reference.generations.find(({ settings }) => settings.num_beams === 1)!;
  for (const each of [session.value, given]) {
    const { newIds, largestError } = await generated(each, greedy);
    await each.release();
    expect(newIds).toEqual(greedy.new_ids);
    expect(largestError).toBeLessThanOrEqual(reference.tolerance);
  }
});
