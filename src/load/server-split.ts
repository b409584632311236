import type { InferenceDuration, ModelStatistics } from '../client/messages.js';

/** Where the server spent the time of a model's requests; mean microseconds of one. */
export interface ServerSplit {
  readonly model: string;
  readonly requests: number;
  readonly inferences: number;
  readonly executions: number;
  /** Inferences of one execution. */
  readonly averageBatch: number;
  readonly microseconds: {
    /** From the request's arrival to its response. */
    readonly request: number;
    readonly queue: number;
    readonly computeInput: number;
    readonly computeInfer: number;
    readonly computeOutput: number;
  };
}

/** Of each model, what happened between two readings of its statistics. Models on which nothing did are left out. */
export function serverSplit(before: readonly ModelStatistics[], after: readonly ModelStatistics[]): ServerSplit[] {
  return after.flatMap(now => {
    const then = before.find(({ name, version }) => name === now.name && version === now.version);
    const difference = (duration: InferenceDuration) => ({
      count: now.inference_stats[duration].count - (then?.inference_stats[duration].count ?? 0),
      ns: now.inference_stats[duration].ns - (then?.inference_stats[duration].ns ?? 0),
    });
    const microseconds = (duration: InferenceDuration): number => {
      const { count, ns } = difference(duration);
      return count > 0 ? ns / count / 1000 : 0;
    };
    const requests = difference('success').count;
    // A model that was loaded anew in between has begun to count again.
    if (requests <= 0) return [];
    const inferences = now.inference_count - (then?.inference_count ?? 0);
    const executions = now.execution_count - (then?.execution_count ?? 0);
    return [
      {
        model: now.name,
        requests,
        inferences,
        executions,
        averageBatch: executions > 0 ? inferences / executions : 0,
        microseconds: {
          request: microseconds('success'),
          queue: microseconds('queue'),
          computeInput: microseconds('compute_input'),
          computeInfer: microseconds('compute_infer'),
          computeOutput: microseconds('compute_output'),
        },
      },
    ];
  });
}
