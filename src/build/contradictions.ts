import type { Answer } from './known-results.js';
import type { TaskId } from './task.js';

/** Answers that rest on another result of something upstream than it gave, or than another answer rests on. */
export function contradictions(answers: ReadonlyMap<TaskId, Answer>): ReadonlySet<TaskId> {
  const given = new Map<string, string>();
  for (const { plan, result } of answers.values()) given.set(plan, result);
  const assumed = new Map<string, { result: string; by: TaskId }>();
  const wrong = new Set<TaskId>();
  for (const [id, { basis }] of answers) {
    for (const [plan, result] of Object.entries(basis)) {
      const actual = given.get(plan);
      if (actual !== undefined) {
        if (actual !== result) wrong.add(id);
        continue;
      }
      const other = assumed.get(plan);
      if (!other) assumed.set(plan, { result, by: id });
      else if (other.result !== result) wrong.add(id).add(other.by);
    }
  }
  return wrong;
}
