import { relative, resolve, sep } from 'node:path';
import { nearest } from '../util/nearest.js';
import { ENGINE_FIELDS, engineProblems } from './engine-problems.js';
import { joinedTargetProblems } from './joined-targets.js';
import { artefactsOf } from './matrix.js';
import { alternatives, type ConfigPath, type Problem, pathText } from './problem.js';
import { providerProblems } from './provider-problems.js';
import { quantizationProblems } from './quantization.js';
import type { DeployConfig, Model, Precision, Target } from './types.generated.js';
import { METRICS, OLDEST_GPU, type Platform, PRECISIONS, platformOf, UNSUPPORTED } from './vocabulary.js';

/** A configuration of which parts may be missing, because the schema already refused them. */
export interface SoundPart {
  readonly config: DeployConfig;
  /** Whether nothing was taken out: only then does absence mean something. */
  readonly allModels: boolean;
  readonly allTargets: boolean;
}

/**
 * What the schema cannot say: combinations that no build can make, found before any work. What needs the model's own
 * config.json is checked by `checkModelAgainstConfig`.
 */
export function semanticProblems(sound: SoundPart): Problem[] {
  const { config } = sound;
  const targets = Object.entries(config.targets);
  const models = Object.entries(config.models);
  return [
    ...targets.flatMap(([name, target]) => targetProblems(['targets', name], target)),
    ...models.flatMap(([name, model]) => modelProblems(['models', name], model, sound)),
    ...tritonProblems(config),
    ...joinedTargetProblems(config, sound.allTargets),
    ...benchmarkProblems(sound),
    ...artefactProblems(config),
    ...outDirProblems(config),
  ];
}

function targetProblems(path: ConfigPath, target: Target): Problem[] {
  const problems: Problem[] = [];
  const platform = platformOf(target);
  if (target.engine === 'tensorrt') {
    if (target.gpu === undefined) {
      problems.push({
        path,
        at: 'value',
        message: 'a tensorrt target without gpu: an engine is built for one kind of GPU',
        fix: "add gpu: 'sm_90' for an H100; `nvidia-smi --query-gpu=compute_cap --format=csv` names yours (9.0 is sm_90)",
      });
    }
    if (target.device !== undefined && target.device !== 'cuda') {
      const message = `a tensorrt target cannot run on ${target.device}`;
      problems.push({ path: [...path, 'device'], at: 'value', message, fix: 'remove device' });
    }
    problems.push(...engineProblems(path, target));
  } else if (target.gpu !== undefined && target.device !== 'cuda') {
    const message = `gpu says nothing about a target on ${platform}`;
    problems.push({ path: [...path, 'gpu'], at: 'key', message, fix: "remove gpu, or use device: 'cuda'" });
  }
  for (const field of target.engine === 'tensorrt' ? [] : ENGINE_FIELDS.filter(name => target[name] !== undefined)) {
    const message = `${field} is about engines of TensorRT`;
    problems.push({ path: [...path, field], at: 'key', message, fix: `remove ${field}, or use engine: 'tensorrt'` });
  }
  problems.push(...providerProblems(path, target));
  for (const [index, precision] of target.precisions.entries()) {
    const place = { path: [...path, 'precisions', index], at: 'value' } as const;
    const reason = UNSUPPORTED[platform][precision];
    if (reason) {
      const able = (Object.keys(UNSUPPORTED) as Platform[]).filter(
        other => other !== 'cuda-tensorrt' && !UNSUPPORTED[other][precision],
      );
      problems.push({
        ...place,
        message: `no ${precision} on ${platform === 'tensorrt' ? platform : `onnxruntime ${platform}`}: ${reason}`,
        expected: `one of ${PRECISIONS.filter(other => !UNSUPPORTED[platform][other]).join(', ')}`,
        fix: `for ${precision} use a ${alternatives(able)} target`,
      });
    } else if (target.gpu !== undefined && Number(target.gpu.slice('sm_'.length)) < (OLDEST_GPU[precision] ?? 0)) {
      const expected = `gpu sm_${OLDEST_GPU[precision]} or newer`;
      problems.push({ ...place, message: `no ${precision} on this GPU`, expected, found: target.gpu });
    }
  }
  return problems;
}

function modelProblems(path: ConfigPath, model: Model, { config, allTargets }: SoundPart): Problem[] {
  const problems: Problem[] = [];
  const targets = Object.entries(config.targets);
  const wanting = (precision: Precision) =>
    targets.filter(([, target]) => target.precisions.includes(precision)).map(([name]) => name);

  for (const dimension of ['batch', 'sequence'] as const) {
    const sizes = model.shapes?.[dimension];
    if (!sizes || (sizes[0] <= sizes[1] && sizes[1] <= sizes[2])) continue;
    problems.push({
      path: [...path, 'shapes', dimension],
      at: 'value',
      message: 'the sizes are out of order',
      expected: 'min <= optimum <= max',
      found: `[${sizes.join(', ')}]`,
      fix: `write [${sizes.toSorted((a, b) => a - b).join(', ')}]`,
    });
  }
  problems.push(...evaluationProblems([...path, 'evaluation'], model));
  if (model.quantization && allTargets) {
    problems.push(
      ...quantizationProblems([...path, 'quantization'], model.quantization, Object.values(config.targets)),
    );
  }
  for (const precision of Object.keys(model.tolerance ?? {}) as Precision[]) {
    if (!allTargets || wanting(precision).length > 0) continue;
    const built = PRECISIONS.filter(other => wanting(other).length > 0);
    problems.push({
      path: [...path, 'tolerance', precision],
      at: 'key',
      message: `no target builds ${precision}`,
      expected: `one of ${built.join(', ')}`,
      fix: `remove it, or add ${precision} to a target's precisions`,
    });
  }
  return problems;
}

function evaluationProblems(path: ConfigPath, { task, evaluation }: Model): Problem[] {
  if (!task || !evaluation) return [];
  const metrics = METRICS[task];
  if (metrics.length === 0) {
    return [{ path, at: 'key', message: `no metric scores ${task}`, fix: 'remove evaluation' }];
  }
  const { metric } = evaluation;
  if (!metric || metrics.includes(metric)) return [];
  return [
    {
      path: [...path, 'metric'],
      at: 'value',
      message: `'${metric}' does not score ${task}`,
      expected: `one of ${metrics.join(', ')}`,
      fix: `use '${nearest(metric, metrics) ?? metrics[0]}'`,
    },
  ];
}

function tritonProblems({ models, triton }: DeployConfig): Problem[] {
  const problems: Problem[] = [];
  const largest = triton?.maxBatchSize;
  if (triton?.compat === 'els-rd' && largest) {
    problems.push({
      path: ['triton', 'maxBatchSize'],
      at: 'value',
      message: "compat 'els-rd' means max_batch_size 0",
      found: `${largest}`,
      fix: 'remove maxBatchSize or compat',
    });
  } else if (largest) {
    for (const [name, model] of Object.entries(models)) {
      const batch = model.shapes?.batch?.[2];
      if (batch === undefined || batch === largest) continue;
      problems.push({
        path: ['models', name, 'shapes', 'batch'],
        at: 'value',
        message:
          batch < largest
            ? `the server would send batches of up to ${largest}, more than the model takes`
            : `batches above ${largest} never reach the model`,
        expected: `a largest batch of ${largest}, as triton.maxBatchSize says`,
        found: `${batch}`,
        fix: 'make them equal, or remove triton.maxBatchSize: each model then has its own',
      });
    }
  }
  const folder = triton?.repository?.split('/')[0]?.toLowerCase();
  if (folder === 'models' || folder === 'deploy') {
    problems.push({
      path: ['triton', 'repository'],
      at: 'value',
      message: `'${folder}' in outDir holds other things`,
      found: `'${triton?.repository}'`,
      fix: "choose another folder, for instance 'triton'",
    });
  }
  return problems;
}

/** A model is benchmarked in those shapes that it takes; a shape that none takes is a mistake. */
function benchmarkProblems({ config, allModels }: SoundPart): Problem[] {
  if (!allModels) return [];
  const models = Object.entries(config.models);
  const within = (size: number, sizes: readonly [number, number, number] | undefined) =>
    !sizes || (size >= sizes[0] && size <= sizes[2]);
  const takes = ({ shapes }: Model, [batch, sequence]: readonly [number, number]) =>
    within(batch, shapes?.batch) && within(sequence, shapes?.sequence);
  return (config.benchmark?.shapes ?? []).flatMap((shape, index): Problem[] => {
    if (models.some(([, model]) => takes(model, shape))) return [];
    const ranges = models.map(([name, { shapes }]) => {
      const text = (['batch', 'sequence'] as const).flatMap(dimension => {
        const sizes = shapes?.[dimension];
        return sizes ? [`${dimension} ${sizes[0]} to ${sizes[2]}`] : [];
      });
      return `${name}: ${text.join(', ')}`;
    });
    return [
      {
        path: ['benchmark', 'shapes', index],
        at: 'value',
        message: 'no model takes this shape',
        expected: ranges.join('; '),
        found: `batch ${shape[0]}, sequence ${shape[1]}`,
      },
    ];
  });
}

/** File systems that ignore case see Intents and intents as one folder; flat names join parts that hold hyphens. */
function artefactProblems(config: DeployConfig): Problem[] {
  const problems: Problem[] = [];
  const owners = new Map<string, string>();
  for (const { model, target, id, name } of artefactsOf(config)) {
    const owner = owners.get(name.toLowerCase());
    if (owner === undefined) {
      owners.set(name.toLowerCase(), id);
      continue;
    }
    const sameModel = owner.split('/')[0] === model;
    const path = sameModel ? ['targets', target] : ['models', model];
    if (problems.some(problem => pathText(problem.path) === pathText(path))) continue;
    problems.push({
      path,
      at: 'key',
      message: `${owner} and ${id} would have the same path`,
      found: `'${name}'`,
      fix: `rename the ${sameModel ? 'target' : 'model'}`,
    });
  }
  return problems;
}

function outDirProblems({ models, outDir }: DeployConfig): Problem[] {
  if (outDir === undefined) return [];
  const holds = (path: string) => {
    const inside = relative(resolve('/project', outDir), resolve('/project', path));
    return inside === '' || !(inside === '..' || inside.startsWith(`..${sep}`));
  };
  if (holds('.')) {
    const fix = "choose a folder of its own, for instance 'dist'";
    return [
      {
        path: ['outDir'],
        at: 'value',
        message: 'the output folder holds the configuration itself',
        found: `'${outDir}'`,
        fix,
      },
    ];
  }
  return Object.entries(models).flatMap(([name, { source }]): Problem[] => {
    const path = typeof source === 'object' ? source.onnx : source;
    if (path.startsWith('hub:') || !holds(path)) return [];
    const message = 'the source lies in the output folder';
    return [{ path: ['models', name, 'source'], at: 'value', message, found: `'${path}'`, fix: 'move one of them' }];
  });
}
