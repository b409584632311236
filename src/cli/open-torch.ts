import type { CompleteModel } from '../config/model-checks.js';
import type { ModelFolder } from '../plan/model-folder.js';
import type { TorchExporter } from '../plan/torch-tasks.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';

/**
 * The Python that exports a model whose exporter is 'torch'. Failures: those of `probePython`, 'torch-task', 'torch-source'.
 */
export async function openTorch(
  { name, task }: CompleteModel,
  folder: ModelFolder,
): Promise<Result<TorchExporter, Failure>> {
  if (folder.onnx) {
    return fail(
      usageFailure('torch-source', 'the model is an ONNX file already, which PyTorch cannot read', {
        where: `models.${name}.exporter`,
        found: folder.onnx.file,
        fix: 'remove exporter, or give the checkpoint as the source',
      }),
    );
  }
  const { TORCH_TASKS } = await import('../torch/trace.js');
  if (!TORCH_TASKS.includes(task)) {
    return fail(
      usageFailure('torch-task', `exporter 'torch' cannot export a model for ${task}`, {
        where: `models.${name}.exporter`,
        expected: `one of ${TORCH_TASKS.join(', ')}`,
        found: task,
        fix: "use exporter 'td', with an architecture of your own if the family is not known",
      }),
    );
  }
  const { pythonName } = await import('../torch/run-python.js');
  const { probePython } = await import('../torch/probe.js');
  const python = pythonName();
  const versions = await probePython(python);
  return versions.ok ? ok({ python, versions: versions.value }) : versions;
}
