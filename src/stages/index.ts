import type { Stage } from '../build/task.js';

/** What a worker loads, and only when a task of that stage arrives. To add a stage: one file, one line here, its tasks in `plan/`. */
const STAGES: Readonly<Record<string, () => Promise<Stage>>> = {
  fetch: async () => (await import('./fetch.js')).fetchStage,
  export: async () => (await import('./export.js')).exportStage,
  'export-torch': async () => (await import('./export-torch.js')).exportTorchStage,
  import: async () => (await import('./import.js')).importStage,
  optimize: async () => (await import('./optimize.js')).optimizeStage,
  calibrate: async () => (await import('./calibrate.js')).calibrateStage,
  choose: async () => (await import('./choose.js')).chooseStage,
  quantize: async () => (await import('./quantize.js')).quantizeStage,
  engine: async () => (await import('./engine.js')).engineStage,
  reference: async () => (await import('./reference.js')).referenceStage,
  validate: async () => (await import('./validate.js')).validateStage,
  package: async () => (await import('./package.js')).packageStage,
  triton: async () => (await import('./triton.js')).tritonStage,
  benchmark: async () => (await import('./benchmark.js')).benchmarkStage,
  'benchmark-engine': async () => (await import('./benchmark-engine.js')).benchmarkEngineStage,
  report: async () => (await import('./report.js')).reportStage,
  deploy: async () => (await import('./deploy.js')).deployStage,
};

export async function loadStage(name: string): Promise<Stage> {
  const load = STAGES[name];
  if (!load) throw new Error(`internal error: no stage named '${name}'`);
  return load();
}
