import type { Rule } from './lint-rule.js';

/** How requests wait, and whether their answers are kept. */
export const BATCHING_RULES: readonly Rule[] = [
  {
    id: 'dynamic-batching',
    *check({ name, config: { dynamic_batching: batching, max_batch_size: max = 0 } }) {
      for (const size of batching?.preferred_batch_size ?? []) {
        if (size <= 0) yield `dynamic batching preferred size must be positive for ${name}`;
        else if (size > max) yield `dynamic batching preferred size must be <= max batch size for ${name}`;
      }
      if (batching && max === 0) yield `dynamic batching does nothing for ${name}: its max_batch_size is 0`;
    },
  },
  {
    id: 'priority',
    *check({ name, config: { dynamic_batching: batching } }) {
      const levels = Number(batching?.priority_levels ?? 0);
      const byDefault = Number(batching?.default_priority_level ?? 0);
      if (levels > 0 && (byDefault < 1 || byDefault > levels)) {
        yield `default priority level must be in range [1, ${levels}] for ${name}`;
      }
      for (const level of Object.keys(batching?.priority_queue_policy ?? {})) {
        if (Number(level) < 1 || Number(level) > levels) {
          yield `priority queue policy must have priority level in range [1, ${levels}] for ${name}`;
        }
      }
      if (!batching?.preserve_ordering) return;
      if (levels > 1) yield `Only one priority level is allowed when 'preserve_ordering' is true for ${name}`;
      const policies = [batching.default_queue_policy, ...Object.values(batching.priority_queue_policy ?? {})];
      if (policies.some(policy => policy?.timeout_action === 'DELAY')) {
        yield `Queue policy can not have DELAY as timeout action when 'preserve_ordering' is true for ${name}`;
      }
    },
  },
  {
    id: 'response-cache',
    *check({ name, config }) {
      if (!config.response_cache?.enable) return;
      const prefix = `Response Cache does not currently support model ${name}`;
      if (config.sequence_batching)
        yield `${prefix} with sequence batching scheduler. Please disable the response cache.`;
      if (config.model_transaction_policy?.decoupled) {
        yield `${prefix} with 'decoupled' transaction policy. Please disable the response cache.`;
      }
    },
  },
];
