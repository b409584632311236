import type { ContentStore } from './content-store.js';
import type { DerivedAction } from './known-results.js';
import type { InputPaths } from './run-action.js';
import type { Task, TaskId } from './task.js';

/** Intact files for every input of a task, or the tasks whose outputs are not there any more. */
export async function locateInputs(
  task: Task,
  derived: DerivedAction,
  content: ContentStore,
): Promise<{ readonly paths: Record<string, InputPaths> } | { readonly lost: readonly TaskId[] }> {
  const inputs: [string, InputPaths][] = [];
  const lost = new Set<TaskId>();
  for (const [name, source] of Object.entries(task.inputs)) {
    if (source.from === 'files') {
      inputs.push([name, source.files]);
      continue;
    }
    const nodes = Object.entries(derived.inputs[name]!);
    const paths = await Promise.all(nodes.map(([, node]) => content.find(node)));
    if (paths.includes(undefined)) lost.add(source.task);
    inputs.push([name, Object.fromEntries(nodes.map(([inside], index) => [inside, paths[index]!]))]);
  }
  return lost.size > 0 ? { lost: [...lost] } : { paths: Object.fromEntries(inputs) };
}
