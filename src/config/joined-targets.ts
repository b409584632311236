import { nearest } from '../util/nearest.js';
import type { ConfigPath, Problem } from './problem.js';
import type { DeployConfig } from './types.generated.js';

/** What triton.joinTargets says wrongly: each group has engines for different GPUs, and a name of its own. */
export function joinedTargetProblems({ targets, triton }: DeployConfig, allTargets: boolean): Problem[] {
  const problems: Problem[] = [];
  const owners = new Map<string, string>();
  for (const [group, members] of Object.entries(triton?.joinTargets ?? {})) {
    const path: ConfigPath = ['triton', 'joinTargets', group];
    if (targets[group]) {
      problems.push({ path, at: 'key', message: `'${group}' is a target, too`, fix: 'choose another name' });
    }
    const byGpu = new Map<string, string>();
    for (const [index, name] of members.entries()) {
      const place = { path: [...path, index], at: 'value' } as const;
      const target = targets[name];
      const owner = owners.get(name);
      owners.set(name, group);
      if (target === undefined) {
        if (allTargets) problems.push({ ...place, ...unknownTarget(name, Object.keys(targets)) });
      } else if (target.engine !== 'tensorrt' || target.gpu === undefined) {
        problems.push({
          ...place,
          message: `only engines of TensorRT are for one GPU each, and '${name}' has none`,
          expected: "targets with engine: 'tensorrt'",
          found: `'${name}'`,
          fix: 'remove it: one model of ONNX Runtime runs on all GPUs',
        });
      } else if (owner !== undefined) {
        problems.push({ ...place, message: `'${name}' is in '${owner}' already`, fix: 'remove it from one of them' });
      } else if (byGpu.has(target.gpu)) {
        problems.push({
          ...place,
          message: `'${byGpu.get(target.gpu)}' and '${name}' are for the same GPU, and the server could take one only`,
          found: target.gpu,
          fix: 'remove one of them',
        });
      } else byGpu.set(target.gpu, name);
    }
  }
  return problems;
}

function unknownTarget(name: string, known: readonly string[]): Pick<Problem, 'message' | 'expected' | 'fix'> {
  const meant = nearest(name, known);
  return {
    message: `unknown target '${name}'`,
    expected: `one of ${known.join(', ')}`,
    ...(meant === undefined ? {} : { fix: `did you mean '${meant}'?` }),
  };
}
