import type { ModelRepository } from './repository.js';
import type { ServedVersion } from './served-version.js';
import type { Duration, ModelStatistics } from './statistics.js';

interface Family {
  readonly name: string;
  readonly kind: 'counter' | 'gauge';
  readonly help: string;
  samples(statistics: ModelStatistics): readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];
}

const one = (value: number) => [[{}, value]] as const;
const microseconds = (duration: Duration) => one(Math.round(duration.milliseconds * 1000));

const FAMILIES: readonly Family[] = [
  {
    name: 'nv_inference_request_success',
    kind: 'counter',
    help: 'Requests that were answered',
    samples: ({ success }) => one(success.count),
  },
  {
    name: 'nv_inference_request_failure',
    kind: 'counter',
    help: 'Requests that failed, by reason',
    samples: ({ failures }) => Object.entries(failures).map(([reason, count]) => [{ reason }, count] as const),
  },
  {
    name: 'nv_inference_count',
    kind: 'counter',
    help: 'Rows of the requests that were answered',
    samples: ({ inferenceCount }) => one(inferenceCount),
  },
  {
    name: 'nv_inference_exec_count',
    kind: 'counter',
    help: 'Batches that ran',
    samples: ({ executionCount }) => one(executionCount),
  },
  {
    name: 'nv_inference_request_duration_us',
    kind: 'counter',
    help: 'Microseconds from receipt to answer, of all answered requests',
    samples: ({ success }) => microseconds(success),
  },
  {
    name: 'nv_inference_queue_duration_us',
    kind: 'counter',
    help: 'Microseconds in the queue',
    samples: ({ queue }) => microseconds(queue),
  },
  {
    name: 'nv_inference_compute_input_duration_us',
    kind: 'counter',
    help: 'Microseconds for preparing inputs',
    samples: ({ computeInput }) => microseconds(computeInput),
  },
  {
    name: 'nv_inference_compute_infer_duration_us',
    kind: 'counter',
    help: 'Microseconds of inference',
    samples: ({ computeInfer }) => microseconds(computeInfer),
  },
  {
    name: 'nv_inference_compute_output_duration_us',
    kind: 'counter',
    help: 'Microseconds for taking outputs apart',
    samples: ({ computeOutput }) => microseconds(computeOutput),
  },
  {
    name: 'nv_cache_num_hits_per_model',
    kind: 'counter',
    help: 'Requests answered from the response cache',
    samples: ({ cacheHit }) => one(cacheHit.count),
  },
  {
    name: 'nv_cache_num_misses_per_model',
    kind: 'counter',
    help: 'Requests that the response cache had no answer to',
    samples: ({ cacheMiss }) => one(cacheMiss.count),
  },
  {
    name: 'nv_cache_hit_duration_per_model',
    kind: 'counter',
    help: 'Microseconds for answering from the response cache',
    samples: ({ cacheHit }) => microseconds(cacheHit),
  },
  {
    name: 'nv_cache_miss_duration_per_model',
    kind: 'counter',
    help: 'Microseconds for looking up and keeping what was not in the response cache',
    samples: ({ cacheMiss }) => microseconds(cacheMiss),
  },
  {
    name: 'nv_inference_pending_request_count',
    kind: 'gauge',
    help: 'Requests that wait now',
    samples: ({ pending }) => one(pending),
  },
  {
    name: 'nv_model_load_duration_secs',
    kind: 'gauge',
    help: 'Seconds that loading took',
    samples: ({ loadSeconds }) => one(loadSeconds),
  },
];

/** Prometheus's text format, version 0.0.4: the server's names for what is counted here. */
export function metricsText(repository: ModelRepository): string {
  const models = repository.served;
  const lines = FAMILIES.flatMap(family => [
    `# HELP ${family.name} ${family.help}`,
    `# TYPE ${family.name} ${family.kind}`,
    ...models.flatMap(model => samplesOf(family, model)),
  ]);
  return `${lines.join('\n')}\n`;
}

const samplesOf = (family: Family, { facts }: ServedVersion): string[] =>
  family.samples(facts.statistics).map(([labels, value]) => {
    const all = { model: facts.name, version: `${facts.version}`, ...labels, ...facts.config.metric_tags };
    const text = Object.entries(all).map(([name, content]) => `${name}="${escaped(content)}"`);
    return `${family.name}{${text.join(',')}} ${value}`;
  });

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
