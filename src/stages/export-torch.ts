import type { Stage } from '../build/task.js';
import { traceModel } from '../torch/trace.js';

/** What large models take, several times over. */
const TIMEOUT_SECONDS = 3600;

/**
 * For architectures that this package does not know. params: {task}. hints: {python}; what it has installed is among the
 * task's tools. in: checkpoint, a model folder. out: model, a folder with config.json, model.onnx and its data, as
 * torch.onnx writes them; the stage `import` makes the convention's of it. Failures: those of `traceModel`.
 */
export const exportTorchStage: Stage = {
  name: 'export-torch',
  async run({ params, hints, in: { checkpoint }, out: { model }, scratch, signal, progress }) {
    const { task } = params as { readonly task: string };
    const { python } = hints as { readonly python: string };
    const timeoutSeconds = Number(process.env.TD_TORCH_TIMEOUT) || TIMEOUT_SECONDS;
    return traceModel({
      python,
      checkpoint: checkpoint!,
      task,
      output: model!,
      scratch,
      timeoutSeconds,
      signal,
      onStep: note => progress({ note }),
    });
  },
};
