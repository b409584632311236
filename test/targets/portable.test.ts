import { describe, expect, test } from 'vitest';
import { everyNodeOf } from '../../src/graph/graph.js';
import { verifyGraph } from '../../src/graph/verify.js';
import { lintForTensorRT } from '../../src/targets/tensorrt/lint.js';
import { temporaryFolders } from '../support/temporary-folders.js';
import { callsOf, errorOf, feedsFor, graphsOf, outputsOf, portableReferences } from './support.js';

const folder = temporaryFolders();

describe.each(portableReferences())('%s', name => {
  const { exported, portable } = graphsOf(name);

  test.each(['8.6', '10', '11'] as const)('TensorRT %s takes every file', version => {
    for (const [file, graph] of Object.entries(portable)) {
      expect(verifyGraph(graph), file).toEqual([]);
      expect(lintForTensorRT(graph, version, 17), file).toEqual([]);
      expect([...everyNodeOf(graph)].filter(({ op }) => op === 'If')).toEqual([]);
    }
  });

  test('answers what the export answers', async () => {
    for (const call of await callsOf(name, exported, folder)) {
      const graph = portable[call.file]!;
      const [outputs] = await outputsOf(graph, [feedsFor(graph, call.feeds)], folder());
      expect(errorOf(call, outputs!), call.file).toBeLessThan(1e-5);
    }
  });
});
