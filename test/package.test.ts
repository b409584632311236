import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** What `npm publish` would send: it must work where nothing of this repository is. */

const REPOSITORY = fileURLToPath(new URL('../', import.meta.url));
const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

const packed = (): ReadonlySet<string> => {
  const listed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: REPOSITORY,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files }] = JSON.parse(listed) as [{ files: { path: string }[] }];
  return new Set(files.map(({ path }) => path));
};

const files = packed();

test('all that package.json names is in the package', () => {
  const { bin, exports } = JSON.parse(read('package.json')) as {
    bin: Record<string, string>;
    exports: Record<string, string | Record<string, string>>;
  };
  const named = [bin, ...Object.values(exports)].flatMap(each =>
    typeof each === 'string' ? each : Object.values(each),
  );
  expect(named.length).toBeGreaterThan(4);
  expect(named.map(path => path.replace(/^\.\//, '')).filter(path => !files.has(path))).toEqual([]);
});

test('the kernels can be compiled from it', () => {
  const sources = read('native/binding.gyp').match(/[\w-]+\.cc/g)!;
  expect(sources).toContain('addon.cc');
  const headers = sources.flatMap(name =>
    [...read(`native/${name}`).matchAll(/#include "([\w-]+\.h)"/g)].map(([, header]) => header!),
  );
  const needed = ['build.mjs', 'binding.gyp', ...sources, ...headers].map(name => `native/${name}`);
  expect(needed.filter(path => !files.has(path))).toEqual([]);
});

test('the schema finds the schemas that it refers to', () => {
  const referred = (path: string, seen = new Set<string>()): Set<string> => {
    if (seen.has(path)) return seen;
    seen.add(path);
    for (const [, reference] of read(path).matchAll(/"\$ref": "([^"#]+\.json)/g)) {
      referred(new URL(reference!, `file:///${path}`).pathname.slice(1), seen);
    }
    return seen;
  };
  const schemas = referred('deploy.config.schema.json');
  expect(schemas).toContain('schemas/model.schema.json');
  expect([...schemas].filter(path => !files.has(path))).toEqual([]);
});

test('tests, what was compiled here and notes of a build are not in it', () => {
  expect(
    [...files].filter(path => /^(test|src|examples|node_modules)\/|^native\/build\/|\.node$|\.td\//.test(path)),
  ).toEqual([]);
});
