import { parentPort, workerData } from 'node:worker_threads';
import { openSession } from '../../runtime/session.js';
import { ok } from '../../util/result.js';
import type { Opened, RunReply, RunRequest, ThreadData } from './protocol.js';

// ONNX Runtime's run blocks the thread that calls it; in this one nobody waits for anything else.
const { folder, file, settings } = workerData as ThreadData;
const port = parentPort!;
const session = await openSession(folder, file, settings);
const opened: Opened = session.ok ? ok({ inputs: session.value.inputs, outputs: session.value.outputs }) : session;

if (session.ok) {
  port.on('message', async (request: RunRequest | 'close') => {
    if (request === 'close') {
      await session.value.release();
      port.close();
      return;
    }
    const start = performance.now();
    const result = await session.value.run(request.feeds);
    const milliseconds = performance.now() - start;
    if (!result.ok) {
      port.postMessage(result satisfies RunReply);
      return;
    }
    const outputs = Object.fromEntries(request.outputs.map(name => [name, result.value[name]!]));
    const buffers = Object.values(outputs).map(tensor => tensor.data.buffer as ArrayBuffer);
    port.postMessage(ok({ outputs, milliseconds }) satisfies RunReply, buffers);
  });
}
port.postMessage(opened);
