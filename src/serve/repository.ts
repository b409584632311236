import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { availableVersions, lintRepository } from '../triton/lint.js';
import type { ModelConfig } from '../triton/model-config.js';
import { readModelInterface } from '../triton/model-interface.js';
import { readModelConfig } from '../triton/pbtxt-read.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { loadVersion } from './load-model.js';
import { type ExecuteContext, type ServeError, serveError } from './model.js';
import { type ServedVersion, singleAnswer } from './served-version.js';

export type ModelState = 'READY' | 'UNAVAILABLE' | 'LOADING' | 'UNLOADING';

/** A line of the repository index. Without version and state: a folder that nobody has loaded. */
export interface IndexEntry {
  readonly name: string;
  readonly version?: string;
  readonly state?: ModelState;
  readonly reason?: string;
}

interface VersionEntry {
  readonly state: ModelState;
  readonly reason: string;
  readonly served?: ServedVersion;
}

export interface RepositorySettings {
  readonly folder: string;
  /** none: all models are loaded at the start, and no others; explicit: those of `load`, and what clients ask for. */
  readonly control: 'none' | 'explicit';
  /** Under explicit control; '*' is all. */
  readonly load: readonly string[];
}

const NEWEST = -1;

/** The models of a repository folder: which there are, which are loaded, and those. */
export class ModelRepository {
  /** Model -> version -> how it stands. */
  private readonly models = new Map<string, Map<number, VersionEntry>>();
  private readonly context: ExecuteContext = {
    call: async (name, request) => {
      const model = this.find(name, NEWEST);
      return model.ok ? singleAnswer(model.value.answers(request)) : model;
    },
  };

  private constructor(private readonly settings: RepositorySettings) {}

  /** Opens the folder and loads the models that shall be there from the start. A model that cannot be loaded is no failure. */
  static async open(settings: RepositorySettings): Promise<Result<ModelRepository, Failure>> {
    const repository = new ModelRepository(settings);
    if (!existsSync(settings.folder)) {
      return fail(
        usageFailure('repository-missing', 'there is no model repository', {
          where: settings.folder,
          found: 'no such folder',
          fix: 'td build writes it, for models of which a config declares `triton`',
        }),
      );
    }
    const folders = await repository.folders();
    const isAll = settings.control === 'none' || settings.load.includes('*');
    const names = isAll ? folders : settings.load;
    const unknown = names.find(name => !folders.includes(name));
    if (unknown !== undefined) {
      return fail(
        usageFailure('model-unknown', `the repository has no model '${unknown}'`, {
          where: settings.folder,
          expected: folders.join(', ') || 'no models at all',
        }),
      );
    }
    await repository.loadAll(names);
    return ok(repository);
  }

  /** All versions that are loaded, by name and number. */
  get served(): readonly ServedVersion[] {
    return [...this.models.values()]
      .flatMap(versions => [...versions.values()].flatMap(entry => entry.served ?? []))
      .sort(({ facts: a }, { facts: b }) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version - b.version));
  }

  /** Whether every model that was to be loaded is. */
  get isReady(): boolean {
    const entries = [...this.models.values()].flatMap(versions => [...versions.values()]);
    return entries.every(({ state, reason }) => state === 'READY' || reason === UNLOADED);
  }

  /** `version` -1: the newest that is ready. */
  find(name: string, version: number): Result<ServedVersion, ServeError> {
    const unknown = (what: string) => fail(serveError('NOT_FOUND', `Request for unknown model: '${name}' ${what}`));
    const versions = this.models.get(name);
    if (versions === undefined) return unknown('is not found');
    if (version === NEWEST) {
      const ready = [...versions.values()].flatMap(({ served }) => served ?? []);
      return ready.length === 0 ? unknown('has no available versions') : ok(ready.at(-1)!);
    }
    const entry = versions.get(version);
    if (entry === undefined) return unknown(`version ${version} is not found`);
    if (entry.served) return ok(entry.served);
    return fail(
      serveError('UNAVAILABLE', `Request for unknown model: '${name}' version ${version} is not at ready state`),
    );
  }

  async index(onlyReady: boolean): Promise<readonly IndexEntry[]> {
    const names = [...new Set([...(await this.folders()), ...this.models.keys()])].sort();
    return names.flatMap((name): IndexEntry[] => {
      const versions = this.models.get(name);
      if (versions === undefined) return onlyReady ? [] : [{ name }];
      return [...versions]
        .filter(([, { state }]) => !onlyReady || state === 'READY')
        .map(([version, { state, reason }]) => ({ name, version: `${version}`, state, reason }));
    });
  }

  /** A client wants the model loaded, or loaded again as it is on the disk now. */
  async load(name: string): Promise<ServeError | undefined> {
    const refused = this.refusedControl();
    if (refused) return refused;
    if (!(await this.folders()).includes(name)) {
      return serveError('INTERNAL', `failed to load '${name}', failed to poll from model repository`);
    }
    const old = [...(this.models.get(name)?.values() ?? [])].flatMap(({ served }) => served ?? []);
    await this.loadAll([name]);
    await Promise.all(old.map(served => served.close()));
    const entries = [...this.models.get(name)!.values()];
    if (entries.some(({ state }) => state === 'READY')) return undefined;
    return serveError(
      'INVALID_ARG',
      `load failed for model '${name}': ${entries.map(({ reason }) => reason).join('; ')}`,
    );
  }

  /** A client wants the model gone. Its requests are answered first. `dependents`: the models that an ensemble is made of, too. */
  async unload(name: string, dependents: boolean): Promise<ServeError | undefined> {
    const refused = this.refusedControl();
    if (refused) return refused;
    const versions = this.models.get(name);
    if (versions === undefined) return serveError('INTERNAL', `failed to unload '${name}', model is not found`);
    const steps = [...versions.values()].flatMap(({ served }) => stepsOf(served?.facts.config));
    await this.close(name);
    if (dependents) for (const step of new Set(steps)) if (this.models.has(step)) await this.close(step);
    return undefined;
  }

  /** Answers what has been asked, and frees all models. Ensembles first: they ask the others. */
  async closeAll(): Promise<void> {
    const names = this.served.map(({ facts }) => facts.name);
    const isEnsemble = (name: string) =>
      this.served.some(({ facts }) => facts.name === name && stepsOf(facts.config).length > 0);
    for (const name of names.filter(isEnsemble)) await this.close(name);
    for (const name of names) await this.close(name);
  }

  private refusedControl(): ServeError | undefined {
    return this.settings.control === 'explicit'
      ? undefined
      : serveError('UNAVAILABLE', 'explicit model load / unload is not allowed if polling is enabled');
  }

  private async folders(): Promise<readonly string[]> {
    const entries = await readdir(this.settings.folder, { withFileTypes: true });
    return entries.flatMap(entry => (entry.isDirectory() || entry.isSymbolicLink() ? [entry.name] : [])).sort();
  }

  private async close(name: string): Promise<void> {
    const versions = this.models.get(name)!;
    for (const [version, { served }] of versions) {
      if (!served) continue;
      versions.set(version, { state: 'UNLOADING', reason: '' });
      await served.close();
      versions.set(version, { state: 'UNAVAILABLE', reason: UNLOADED });
    }
  }

  /** Loads models, those first that ensembles are made of, with the linter's verdict on the whole repository. */
  private async loadAll(names: readonly string[]): Promise<void> {
    // Those that an ensemble is made of stand before it.
    const configs = new Map<string, ModelConfig>();
    const seen = new Set<string>();
    const read = async (name: string): Promise<void> => {
      if (seen.has(name)) return;
      seen.add(name);
      const config = await this.readConfig(name);
      for (const step of config.ok ? stepsOf(config.value) : []) await read(step);
      // What is wrong with it is among the linter's findings.
      configs.set(name, config.ok ? config.value : {});
    };
    for (const name of names) await read(name);
    const problems = await lintRepository(this.settings.folder, { readInterface: readModelInterface });
    for (const [name, config] of configs) {
      const isAsked = names.includes(name);
      // A step that is loaded already stays as it is.
      if (!isAsked && this.find(name, NEWEST).ok) continue;
      const reasons = problems
        .filter(problem => problem.model === name)
        .map(({ where, message }) => `${where}: ${message}`);
      await this.loadModel(name, config, reasons);
    }
  }

  private async readConfig(name: string): Promise<Result<ModelConfig, Failure>> {
    const path = join(this.settings.folder, name, 'config.pbtxt');
    if (!existsSync(path)) return fail(usageFailure('config-missing', 'no config.pbtxt', { where: path }));
    return readModelConfig(await readFile(path, 'utf8'), `${name}/config.pbtxt`);
  }

  private async loadModel(name: string, config: ModelConfig, problems: readonly string[]): Promise<void> {
    const folder = join(this.settings.folder, name);
    const versions = existsSync(folder)
      ? availableVersions(
          config,
          (await readdir(folder)).map(entry => `${entry}/`),
        )
      : [];
    const entries = new Map<number, VersionEntry>();
    const failed = (reason: string): VersionEntry => ({ state: 'UNAVAILABLE', reason });
    if (problems.length > 0 || versions.length === 0) {
      const reason = problems.join('; ') || `model '${name}' has no version`;
      for (const version of versions.length > 0 ? versions : [1]) entries.set(version, failed(reason));
      this.models.set(name, entries);
      return;
    }
    const complete = { ...config, name };
    for (const version of versions) {
      const place = { name, version, folder, config: complete };
      const loaded = await loadVersion(place, (model, number) => this.find(model, number), this.context);
      entries.set(
        version,
        loaded.ok ? { state: 'READY', reason: '', served: loaded.value } : failed(reasonOf(loaded.error)),
      );
    }
    const missing = stepsOf(config).find(step => !this.find(step, NEWEST).ok);
    if (missing !== undefined) {
      const reason = failed(`ensemble '${name}' depends on '${missing}' which has no loaded version`);
      for (const version of versions) entries.set(version, reason);
    }
    this.models.set(name, entries);
  }
}

const UNLOADED = 'unloaded';

const stepsOf = (config: ModelConfig | undefined): readonly string[] =>
  (config?.ensemble_scheduling?.step ?? []).map(step => step.model_name ?? '');

function reasonOf({ message, where, found }: Failure): string {
  return [message, ...(found === undefined ? [] : [found]), ...(where === undefined ? [] : [`(${where})`])].join(': ');
}
