import { expect, test } from 'vitest';
import type { TaskOutcome } from '../../src/build/build.js';
import type { Delivery, TaskId } from '../../src/build/task.js';
import { withheldRepositories } from '../../src/cli/withheld.js';
import type { Artefact } from '../../src/config/matrix.js';
import { taskFailure } from '../../src/util/failure.js';

const artefact = (model: string, target: string, precision: Artefact['precision']): Artefact => ({
  id: `${model}/${target}/${precision}`,
  name: `${model}-${target}-${precision}`,
  model,
  target,
  precision,
  folder: `${model}/${target}-${precision}`,
});
const ARTEFACTS = [
  artefact('intents', 'cpu', 'fp32'),
  artefact('intents', 'h100', 'fp16'),
  artefact('ranks', 'cpu', 'fp32'),
];

const delivery = (model: string): Delivery => ({
  task: `${model}/triton` as TaskId,
  output: 'repository',
  from: '',
  to: 'triton',
  gates: ARTEFACTS.filter(each => each.model === model).map(({ id }) => `${id}/validate` as TaskId),
  labels: {},
});
const PLAN = { deliveries: [delivery('intents'), delivery('ranks')] };

const done: TaskOutcome = { status: 'run', milliseconds: 1 };
const failed: TaskOutcome = { status: 'failed', failure: taskFailure('validation-failed', 'no') };
const skipped = (because: string): TaskOutcome => ({ status: 'skipped', because: because as TaskId });

function warnings(tasks: Readonly<Record<string, TaskOutcome>>): readonly string[] {
  const all: Record<string, TaskOutcome> = {
    'intents/cpu/fp32/validate': done,
    'intents/h100/fp16/validate': done,
    'ranks/cpu/fp32/validate': { status: 'reused', level: 'state' },
    'intents/triton': done,
    'ranks/triton': done,
    ...tasks,
  };
  return withheldRepositories(PLAN, ARTEFACTS, {
    tasks: new Map(Object.entries(all).map(([id, outcome]) => [id as TaskId, outcome])),
  });
}

test('a repository that was delivered is not spoken of', () => {
  expect(warnings({})).toEqual([]);
});

test.each<[string, Readonly<Record<string, TaskOutcome>>, string]>([
  ['a gate', { 'intents/h100/fp16/validate': failed }, 'intents/h100/fp16/validate'],
  [
    'an engine',
    {
      'intents/h100/fp16/engine': failed,
      'intents/h100/fp16/validate': skipped('intents/h100/fp16/engine'),
      'intents/triton': skipped('intents/h100/fp16/engine'),
    },
    'intents/h100/fp16/engine',
  ],
  [
    'the repository itself',
    { 'intents/triton': failed, 'intents/h100/fp16/validate': failed },
    'intents/h100/fp16/validate',
  ],
])('one that %s withholds is, with what is good', (_, tasks, cause) => {
  expect(warnings(tasks)).toEqual([
    `intents is not in the Triton repository: ${cause} failed; without it: td build intents/cpu/fp32`,
  ]);
});

test('where nothing is good, or the hardware is missing, others have said so', () => {
  expect(warnings({ 'ranks/cpu/fp32/validate': failed })).toEqual([]);
  expect(
    withheldRepositories(PLAN, ARTEFACTS, {
      tasks: new Map([
        ['intents/cpu/fp32/validate' as TaskId, done],
        ['intents/triton' as TaskId, done],
      ]),
    }),
  ).toEqual([]);
});
