import { BATCHING_RULES } from '../../../src/triton/lint-batching.js';
import {
  append,
  config,
  edit,
  type Mutation,
  NETWORK,
  problem,
  TOKENIZER,
  testMutations,
  writeWhole,
} from './support.js';

const MUTATIONS: readonly Mutation[] = [
  [
    'dynamic batching without batches',
    folder => writeWhole(folder, 'extra', 'backend: "identity" dynamic_batching { }'),
    problem('extra', 'dynamic-batching', 'dynamic batching does nothing for extra: its max_batch_size is 0'),
  ],
  [
    'a cache for sequences',
    folder => writeWhole(folder, 'extra', 'backend: "identity" sequence_batching { } response_cache { enable: true }'),
    problem(
      'extra',
      'response-cache',
      'Response Cache does not currently support model extra with sequence batching scheduler. Please disable the response cache.',
    ),
  ],
  [
    'a preferred batch beyond the largest',
    edit(config(NETWORK), 'dynamic_batching {', 'dynamic_batching { preferred_batch_size: [ 8, 64 ]'),
    problem(NETWORK, 'dynamic-batching', `dynamic batching preferred size must be <= max batch size for ${NETWORK}`),
  ],
  [
    'a preferred batch of nothing',
    edit(config(NETWORK), 'dynamic_batching {', 'dynamic_batching { preferred_batch_size: 0'),
    problem(NETWORK, 'dynamic-batching', `dynamic batching preferred size must be positive for ${NETWORK}`),
  ],
  [
    'a default priority out of range',
    edit(config(NETWORK), 'dynamic_batching {', 'dynamic_batching { priority_levels: 2'),
    problem(NETWORK, 'priority', `default priority level must be in range [1, 2] for ${NETWORK}`),
  ],
  [
    'a policy for a priority that is not there',
    edit(config(NETWORK), 'dynamic_batching {', 'dynamic_batching { priority_queue_policy { key: 1 value { } }'),
    problem(NETWORK, 'priority', `priority queue policy must have priority level in range [1, 0] for ${NETWORK}`),
  ],
  [
    'ordering with priorities',
    edit(
      config(NETWORK),
      'dynamic_batching {',
      'dynamic_batching { preserve_ordering: true priority_levels: 2 default_priority_level: 1',
    ),
    problem(NETWORK, 'priority', `Only one priority level is allowed when 'preserve_ordering' is true for ${NETWORK}`),
  ],
  [
    'ordering with delays',
    edit(
      config(NETWORK),
      'dynamic_batching {',
      'dynamic_batching { preserve_ordering: true default_queue_policy { timeout_action: DELAY }',
    ),
    problem(
      NETWORK,
      'priority',
      `Queue policy can not have DELAY as timeout action when 'preserve_ordering' is true for ${NETWORK}`,
    ),
  ],
  [
    'a cache for a decoupled model',
    append(config(TOKENIZER), 'response_cache { enable: true } model_transaction_policy { decoupled: true }'),
    problem(
      TOKENIZER,
      'response-cache',
      `Response Cache does not currently support model ${TOKENIZER} with 'decoupled' transaction policy. Please disable the response cache.`,
    ),
  ],
];

testMutations(BATCHING_RULES, MUTATIONS);
