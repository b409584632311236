import { readFileSync, statSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Source } from '../build/task.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';

/** A module of the user's repository with everything that it loads: what a key has to know of it. */
export interface ModuleFiles {
  /** All local files, as an input folder. */
  readonly files: Source;
  /** Path of the module itself inside that folder. */
  readonly entry: string;
  /** Versions of the packages that they import. */
  readonly packages: Readonly<Record<string, string>>;
}

/** Provided by this package itself. */
const OWN = /^transformer-deploy(\/|$)/;

/**
 * Follows the imports of a module through local files. Nothing is run. Failures: 'module-missing', 'module-syntax',
 * 'module-import'.
 * @param entry absolute path
 * @param root folder that messages are relative to
 */
export async function moduleFiles(entry: string, root: string): Promise<Result<ModuleFiles, Failure>> {
  const files = new Set([entry]);
  const packages: Record<string, string> = {};
  const named = (file: string): string =>
    `./${relative(root, file).split(sep).join('/')}`.replace(/^\.\/\.\.\//, '../');
  if (!isFile(entry)) return fail(missing(named(entry)));
  // A set is walked in the order of insertion: what is added on the way is visited, too.
  for (const file of files) {
    const imports = await importsOf(file, named(file));
    if (!imports.ok) return imports;
    for (const { specifier, line } of imports.value) {
      const where = `${named(file)}:${line}`;
      if (specifier === undefined) return fail(computed(where));
      if (isBuiltin(specifier) || OWN.test(specifier)) continue;
      if (/^\.{0,2}\//.test(specifier)) {
        const found = localFile(resolve(dirname(file), specifier));
        if (found === undefined) return fail(notFound(specifier, where));
        files.add(found);
      } else {
        const version = packageVersion(specifier, file);
        if (version === undefined) return fail(notInstalled(specifier, where));
        packages[version.name] = version.version;
      }
    }
  }
  const base = commonFolder([...files]);
  const inside = (file: string): string => relative(base, file).split(sep).join('/');
  return ok({
    files: { from: 'files', files: Object.fromEntries([...files].map(file => [inside(file), file])) },
    entry: inside(entry),
    packages,
  });
}

interface Import {
  /** undefined: it is computed when the module runs. */
  readonly specifier: string | undefined;
  readonly line: number;
}

async function importsOf(file: string, name: string): Promise<Result<readonly Import[], Failure>> {
  if (file.endsWith('.json')) return ok([]);
  const { parse } = await import('@babel/parser');
  try {
    const { program } = parse(readFileSync(file, 'utf8'), {
      sourceType: file.endsWith('.cjs') ? 'script' : 'unambiguous',
      plugins: ['typescript'],
      createImportExpressions: true,
    });
    const imports: Import[] = [];
    if (isNode(program)) visit(program, imports);
    return ok(imports);
  } catch (error) {
    const { message, loc } = error as SyntaxError & { loc?: { line: number; column: number } };
    if (loc === undefined) throw error;
    return fail(
      usageFailure('module-syntax', `syntax error: ${message.replace(/ \(\d+:\d+\)$/, '').replace(/\.$/, '')}`, {
        where: `${name}:${loc.line}:${loc.column + 1}`,
      }),
    );
  }
}

/** A node of the syntax tree: it has a type, and what else depends on that. */
type SyntaxNode = Readonly<Record<string, unknown>>;

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string';

/** import and export … from, import(…), require(…). What only carries types loads nothing. */
function visit(node: SyntaxNode, imports: Import[]): void {
  const { type, importKind, exportKind, callee, loc } = node;
  if (importKind === 'type' || exportKind === 'type') return;
  const isRequire = type === 'CallExpression' && isNode(callee) && callee.name === 'require';
  const [source] = isRequire ? (node.arguments as readonly unknown[]) : [node.source];
  if (isNode(source) || isRequire) {
    const literal = isNode(source) && source.type === 'StringLiteral' ? String(source.value) : undefined;
    imports.push({ specifier: literal, line: (loc as { readonly start: { readonly line: number } }).start.line });
  }
  for (const child of Object.values(node).flat()) if (isNode(child)) visit(child, imports);
}

/** As written, with an ending, the TypeScript behind a .js, or a folder's index: what jiti looks for. */
function localFile(path: string): string | undefined {
  const endings = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json'];
  const typescript = path.replace(/\.([mc]?)js$/, '.$1ts');
  const candidates = [path, typescript, ...endings.map(ending => path + ending)];
  return [...candidates, ...endings.map(ending => join(path, `index${ending}`))].find(isFile);
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

function packageVersion(specifier: string, from: string): { name: string; version: string } | undefined {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  for (const folder of createRequire(from).resolve.paths(name) ?? []) {
    const file = join(folder, name, 'package.json');
    if (isFile(file)) return { name, version: (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version };
  }
  return undefined;
}

function commonFolder(files: readonly string[]): string {
  let folder = dirname(files[0]!);
  while (!files.every(file => file.startsWith(folder + sep)) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

const missing = (where: string): Failure =>
  usageFailure('module-missing', 'a module that the config names does not exist', {
    where,
    fix: 'paths are relative to the config file',
  });

const notFound = (specifier: string, where: string): Failure =>
  usageFailure('module-import', 'a module imports a file that does not exist', { where, found: `'${specifier}'` });

const notInstalled = (specifier: string, where: string): Failure =>
  usageFailure('module-import', 'a module imports a package that is not installed', {
    where,
    found: `'${specifier}'`,
    fix: `npm install ${specifier}`,
  });

const computed = (where: string): Failure =>
  usageFailure('module-import', 'a module computes what it imports', {
    where,
    expected: 'the name itself, in quotes: an edit of what it names must be seen',
  });
