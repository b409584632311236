import type { WireTensor } from '../kserve/datatypes.js';
import type { Message } from '../triton/model-config.js';
import { fail, ok, type Result } from '../util/result.js';
import { type Answer, type ServeError, serveError } from './model.js';
import { checkRequest } from './request-checks.js';
import {
  type Account,
  failureReason,
  type ScheduledRequest,
  type ServedVersion,
  singleAnswer,
  type VersionFacts,
} from './served-version.js';

type Step = Message<'ModelEnsembling.Step'>;

/** Finds a model of the repository; `version` -1 is its newest. */
export type FindModel = (name: string, version: number) => Result<ServedVersion, ServeError>;

/** A model made of other models: each step runs as soon as the tensors that it reads are there. */
export class Ensemble implements ServedVersion {
  readonly isDecoupled = false;
  private readonly running = new Set<Promise<Answer>>();
  private isClosed = false;

  constructor(
    readonly facts: VersionFacts,
    private readonly find: FindModel,
  ) {}

  async *answers(request: ScheduledRequest): AsyncIterable<Answer> {
    const run = this.run(request);
    this.running.add(run);
    try {
      yield await run;
    } finally {
      this.running.delete(run);
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all(this.running);
  }

  private async run(request: ScheduledRequest): Promise<Answer> {
    const start = performance.now();
    const account: Account = { queue: 0, computeInput: 0, computeInfer: 0, computeOutput: 0 };
    const rows = this.isClosed
      ? fail(
          serveError(
            'UNAVAILABLE',
            'Server is stopping, scheduler for model has stopped accepting new inference requests',
          ),
        )
      : checkRequest(this.facts.config, request);
    const tensors = rows.ok ? await this.runSteps(request, account) : rows;
    const elapsed = performance.now() - start;
    if (!rows.ok || !tensors.ok) {
      const { error } = tensors as { readonly error: ServeError };
      this.facts.statistics.failed(failureReason(error), elapsed);
      return fail(error);
    }
    this.facts.statistics.succeeded(rows.value, elapsed, account);
    this.facts.statistics.executed(rows.value, account);
    if (request.account) addTo(request.account, account);
    return ok({ outputs: tensors.value });
  }

  private async runSteps(
    request: ScheduledRequest,
    account: Account,
  ): Promise<Result<readonly WireTensor[], ServeError>> {
    const tensors = new Map(request.inputs.map(input => [input.name, input]));
    const waiting = new Set(this.facts.config.ensemble_scheduling?.step ?? []);
    const optional = new Set((this.facts.config.input ?? []).flatMap(input => (input.optional ? [input.name] : [])));
    const outputs = this.outputNames(request);
    const running = new Map<Step, Promise<readonly [Step, Answer]>>();
    for (;;) {
      for (const step of waiting) {
        const reads = Object.values(step.input_map ?? {});
        if (!reads.every(name => tensors.has(name) || optional.has(name))) continue;
        waiting.delete(step);
        running.set(
          step,
          this.runStep(step, tensors, request, account).then(answer => [step, answer] as const),
        );
      }
      if (running.size === 0) break;
      const [step, answer] = await Promise.race(running.values());
      running.delete(step);
      if (!answer.ok) {
        // The others end by themselves; nobody reads them.
        return fail(serveError(answer.error.status, `in ensemble '${this.facts.name}', ${answer.error.message}`));
      }
      for (const [output, name] of Object.entries(step.output_map ?? {})) {
        const tensor = answer.value.outputs.find(candidate => candidate.name === output);
        if (tensor) tensors.set(name, { ...tensor, name });
      }
    }
    const lacking = outputs.find(name => !tensors.has(name));
    if (lacking === undefined) return ok(outputs.map(name => tensors.get(name)!));
    return fail(serveError('INTERNAL', `in ensemble '${this.facts.name}', no step has given the output '${lacking}'`));
  }

  private outputNames(request: ScheduledRequest): readonly string[] {
    const all = (this.facts.config.output ?? []).map(output => output.name ?? '');
    return request.outputs.length === 0 ? all : all.filter(name => request.outputs.includes(name));
  }

  private async runStep(
    step: Step,
    tensors: ReadonlyMap<string, WireTensor>,
    request: ScheduledRequest,
    account: Account,
  ): Promise<Answer> {
    const model = this.find(step.model_name ?? '', Number(step.model_version ?? -1));
    if (!model.ok) return model;
    const inputs = Object.entries(step.input_map ?? {}).flatMap(([input, name]) => {
      const tensor = tensors.get(name);
      return tensor === undefined ? [] : [{ ...tensor, name: input }];
    });
    return singleAnswer(
      model.value.answers({ ...request, inputs, outputs: Object.keys(step.output_map ?? {}), account }),
    );
  }
}

function addTo(total: Account, part: Account): void {
  total.queue += part.queue;
  total.computeInput += part.computeInput;
  total.computeInfer += part.computeInfer;
  total.computeOutput += part.computeOutput;
}
