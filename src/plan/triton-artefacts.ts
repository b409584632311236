import type { Artefact } from '../config/matrix.js';
import type { ResolvedConfig, ResolvedTarget } from '../config/resolved.js';
import type { Json } from '../util/json.js';
import { asList, type PlannedModel } from './planned.js';

/** An engine that stands beside others of the same model, each for another GPU. */
export interface JoinedEngine {
  /** Stands for the target in names. */
  readonly target: string;
  /** '9.0' */
  readonly computeCapability: string;
  /** Of its files: model.plan is model_sm90.plan. */
  readonly suffix: string;
}

/** undefined: the artefact's network is a model of its own. */
export function joinedEngine({ target }: Artefact, { triton, targets }: ResolvedConfig): JoinedEngine | undefined {
  const group = Object.keys(triton.joinTargets).find(name => triton.joinTargets[name]!.includes(target));
  const [, major, minor] = /^sm_(\d+)(\d)$/.exec(targets[target]!.gpu ?? '') ?? [];
  if (group === undefined || major === undefined) return undefined;
  return { target: group, computeCapability: `${major}.${minor}`, suffix: `_sm${major}${minor}` };
}

/** 'model.plan' -> 'model_sm90.plan'. */
export const joinedFile = (file: string, { suffix }: JoinedEngine): string => file.replace(/\.plan$/, `${suffix}.plan`);

/** What the stage of the repository must know of one artefact. */
export function tritonArtefact(artefact: Artefact, config: ResolvedConfig, model: PlannedModel['model']): Json {
  const { id, target: name, precision } = artefact;
  const target = config.targets[name]!;
  const joined = joinedEngine(artefact, config);
  const provider = providerOf(target, model);
  return {
    id,
    target: name,
    precision,
    device: target.device,
    engine: target.engine,
    ...(joined ? { joined: { ...joined } } : {}),
    ...(provider ? { provider } : {}),
  };
}

/** undefined: the server's own way will do. */
function providerOf(target: ResolvedTarget, { shapes }: PlannedModel['model']): Json | undefined {
  if (target.engine !== 'onnxruntime' || target.device !== 'cuda') return undefined;
  const { provider, providerOptions } = target;
  if (provider === undefined && providerOptions === undefined) return undefined;
  return {
    name: provider ?? 'cuda',
    options: { ...providerOptions } as Json,
    batch: asList(shapes.batch),
    sequence: asList(shapes.sequence),
  };
}
