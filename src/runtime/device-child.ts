import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import type { Provider } from './session.js';

/** c = a · w with w = 1, of one element each: the smallest model that a device can run. Opset 17, IR version 8. */
const MODEL = Buffer.from(
  'CAg6UQoRCgFhCgF3EgFjIgZNYXRNdWwSAWcqDwgBCAEQAUIBd0oEAACAP1oTCgFhEg4KDAgBEggKAggBCgIIAWITCgFjEg4KDAgBEggKAggBCgIIAUIECgAQEQ==',
  'base64',
);

async function start(provider: Provider): Promise<void> {
  env.logLevel = 'fatal';
  const session = await InferenceSession.create(MODEL, { executionProviders: [provider], logSeverityLevel: 4 });
  const { c } = await session.run({ a: new Tensor('float32', [2], [1, 1]) });
  if (c?.data[0] !== 2) throw new Error(`2 · 1 gave ${c?.data[0]}`);
}

process.once('message', async provider => {
  const found = await start(provider as Provider).then(
    () => undefined,
    (error: Error) => error.message,
  );
  process.send!({ found }, () => process.exit());
});
