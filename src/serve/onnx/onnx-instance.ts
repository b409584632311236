import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type Datatype, elementsOf, type WireTensor } from '../../kserve/datatypes.js';
import type { TensorDeclaration, Tensors, TensorValue } from '../../runtime/session.js';
import type { ModelConfig } from '../../triton/model-config.js';
import { environmentFailure, type Failure, usageFailure } from '../../util/failure.js';
import { fail, ok, type Result } from '../../util/result.js';
import type { Executed, Instance } from '../instance.js';
import { type Answer, type ModelRequest, type ServeError, serveError } from '../model.js';
import { joinRows, splitRows } from './batches.js';
import type { Opened, RunReply, RunRequest, ThreadData } from './protocol.js';

/** The compiled thread. Run from the sources, it is the one in lib. */
const THREAD = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../../lib/serve/onnx/thread.js' : './thread.js', import.meta.url),
);

/** Element types that a session takes and gives. */
const DTYPES: Readonly<Partial<Record<Datatype, TensorValue['dtype']>>> = {
  INT64: 'int64',
  INT32: 'int32',
  FP32: 'float32',
  BOOL: 'bool',
};

const datatypeOfSession = (dtype: string): Datatype | undefined =>
  (Object.keys(DTYPES) as Datatype[]).find(name => DTYPES[name] === dtype);

/**
 * A network in ONNX Runtime, in a thread of its own. Failures: what openSession says; 'datatype-not-served' where inputs or
 * outputs are of a type that the session cannot exchange.
 */
export async function openOnnxInstance(data: ThreadData, config: ModelConfig): Promise<Result<Instance, Failure>> {
  const worker = new Worker(THREAD, { workerData: data });
  const opened = await firstMessage(worker, data);
  if (!opened.ok) {
    await worker.terminate();
    return opened;
  }
  const { inputs, outputs } = opened.value;
  const strange = [...inputs, ...outputs].find(({ dtype }) => datatypeOfSession(dtype) === undefined);
  if (strange) {
    await worker.terminate();
    return fail(notServed(strange, data));
  }
  return ok(
    new OnnxInstance(
      worker,
      outputs.map(output => output.name),
      (config.max_batch_size ?? 0) > 0,
    ),
  );
}

function firstMessage(worker: Worker, { folder }: ThreadData): Promise<Opened> {
  return new Promise(resolve => {
    worker.once('message', resolve);
    worker.once('error', error =>
      resolve(
        fail(
          environmentFailure('thread-failed', 'the thread of a model does not start', {
            where: folder,
            found: error.message,
          }),
        ),
      ),
    );
  });
}

const notServed = ({ name, dtype }: TensorDeclaration, { folder }: ThreadData): Failure =>
  usageFailure('datatype-not-served', `the local server cannot exchange '${name}' with ONNX Runtime`, {
    where: folder,
    expected: Object.values(DTYPES).join(', '),
    found: dtype,
  });

class OnnxInstance implements Instance {
  private waiting: { resolve(reply: RunReply): void; reject(error: Error): void } | undefined;
  private crash: Error | undefined;

  constructor(
    private readonly worker: Worker,
    private readonly outputs: readonly string[],
    private readonly isBatched: boolean,
  ) {
    worker.removeAllListeners('error');
    worker.on('message', (reply: RunReply) => this.take()?.resolve(reply));
    worker.on('error', error => this.fail(error));
    worker.on('exit', code => this.fail(new Error(`the thread of the model has ended with ${code}`)));
  }

  async execute(requests: readonly ModelRequest[]): Promise<Executed> {
    const start = performance.now();
    const names = requests.some(request => request.outputs.length === 0)
      ? this.outputs
      : this.outputs.filter(name => requests.some(request => request.outputs.includes(name)));
    const joined = requests.length === 1 ? requests[0]!.inputs : joinRows(requests.map(request => request.inputs));
    const feeds: Tensors = Object.fromEntries(joined.map(tensor => [tensor.name, toSession(tensor)]));
    const sent = performance.now();
    const reply = await this.run({ feeds, outputs: names });
    const received = performance.now();
    const infer = reply.ok ? reply.value.milliseconds : received - sent;
    const answers = reply.ok
      ? this.split(reply.value.outputs, requests)
      : requests.map((): Answer => fail(runFailed(reply.error)));
    return {
      answers,
      // Between the threads is neither input nor inference alone; it counts as input.
      spent: {
        computeInput: received - start - infer,
        computeInfer: infer,
        computeOutput: performance.now() - received,
      },
    };
  }

  async close(): Promise<void> {
    const gone = new Promise(resolve => this.worker.once('exit', resolve));
    this.worker.postMessage('close');
    await gone;
  }

  private run(request: RunRequest): Promise<RunReply> {
    return new Promise((resolve, reject) => {
      if (this.crash) {
        reject(this.crash);
        return;
      }
      this.waiting = { resolve, reject };
      this.worker.postMessage(request);
    });
  }

  private split(outputs: Tensors, requests: readonly ModelRequest[]): readonly Answer[] {
    const tensors = Object.entries(outputs).map(([name, value]) => fromSession(name, value));
    if (requests.length === 1 || !this.isBatched) return [ok({ outputs: tensors })];
    const rows = requests.map(request => request.inputs[0]!.shape[0]!);
    const parts = splitRows(tensors, rows);
    if (parts.ok) return parts.value.map(part => ok({ outputs: part }));
    return requests.map((): Answer => fail(serveError('INTERNAL', parts.error)));
  }

  private take(): typeof this.waiting {
    const { waiting } = this;
    this.waiting = undefined;
    return waiting;
  }

  private fail(error: Error): void {
    this.crash = error;
    this.take()?.reject(error);
  }
}

const runFailed = ({ message, found }: Failure): ServeError =>
  serveError('INTERNAL', `onnx runtime error: ${found ?? message}`);

function toSession({ datatype, shape, data }: WireTensor): TensorValue {
  // The request was checked against the configuration, and that against the model.
  return { dtype: DTYPES[datatype], shape, data } as TensorValue;
}

function fromSession(name: string, { dtype, shape, data }: TensorValue): WireTensor {
  const datatype = datatypeOfSession(dtype)!;
  if (data.length !== elementsOf(shape)) throw new Error(`the output '${name}' does not fill its shape`);
  return { name, datatype, shape, data };
}
