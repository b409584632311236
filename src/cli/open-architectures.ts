import { relative, sep } from 'node:path';
import { type ModuleFiles, moduleFiles } from '../plan/module-files.js';
import type { Failure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';

/** The modules of the config's `architectures`, by the model types that they export. */
export type OwnArchitectures = ReadonlyMap<string, ModuleFiles>;

/**
 * Looks at the user's architectures: that they compile, what they are for, and what they load. One for a model type that
 * the project knows is used in its place, which is said. Failures: those of `moduleFiles` and `loadPlugIns`.
 */
export async function openArchitectures(
  paths: readonly string[],
  { root, note }: { readonly root: string; note(text: string): void },
): Promise<Result<OwnArchitectures, Failure>> {
  const own = new Map<string, ModuleFiles>();
  if (paths.length === 0) return ok(own);
  const modules = paths.map(path => ({ path, name: nameOf(path, root) }));
  const filesOf = new Map<string, ModuleFiles>();
  for (const { path, name } of modules) {
    const files = await moduleFiles(path, root);
    if (!files.ok) return fail(files.error);
    filesOf.set(name, files.value);
  }
  const { loadPlugIns } = await import('../architectures/plug-ins.js');
  const { ARCHITECTURES } = await import('../architectures/index.js');
  const loaded = await loadPlugIns(modules);
  if (!loaded.ok) return loaded;
  for (const { module, architecture } of loaded.value) {
    const { modelType } = architecture;
    own.set(modelType, filesOf.get(module)!);
    if (Object.hasOwn(ARCHITECTURES, modelType))
      note(`${module} is used for '${modelType}' instead of the built-in one\n`);
  }
  return ok(own);
}

const nameOf = (path: string, root: string): string => {
  const name = relative(root, path).split(sep).join('/');
  return name.startsWith('../') ? name : `./${name}`;
};
