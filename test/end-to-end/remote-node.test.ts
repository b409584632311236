import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONFIG, type TinyConfig, workspaces } from '../support/td.js';
import { standIns } from '../tensorrt/support.js';

const make = workspaces();
const RSYNC = '/usr/bin/rsync';
const DOCS = readFileSync(new URL('../../docs/tensorrt.md', import.meta.url), 'utf8');

/** The script that docs/tensorrt.md has for another machine. */
const [, SCRIPT] = /```sh\n(#!\/bin\/sh\n# on-gpu\.sh:[\s\S]*?)```/.exec(DOCS)!;

/** Where the script says that the other machine has trtexec. */
const THERE = '/usr/src/tensorrt/bin/trtexec';

function program(path: string, lines: readonly string[]): void {
  writeFileSync(path, `#!/bin/sh\n${lines.join('\n')}\n`);
  chmodSync(path, 0o755);
}

/** A laptop with ssh and rsync, and another machine with the stand-ins, whose folder for temporary files is its own. */
function laptop() {
  const workspace = make.tiny();
  const [bin, remote, tmp] = ['bin', 'remote', 'remote-tmp'].map(name => join(workspace.folder, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [bin, tmp]) mkdirSync(folder);
  standIns(remote);
  program(join(bin, 'ssh'), [
    // What rsync puts before the host.
    'while [ "$1" = -l ] || [ "$1" = -p ]; do shift 2; done',
    'if [ "$1" != gpu-1 ]; then echo "ssh: Could not resolve hostname $1: Name or service not known" >&2; exit 255; fi',
    'shift',
    `line=$(printf '%s ' "$@" | sed 's#/tmp/td-#${tmp}/td-#g; s#${THERE}#${remote}/trtexec#g')`,
    `PATH='${remote}:/usr/bin:/bin' exec sh -c "$line"`,
  ]);
  const script = workspace.path('on-gpu.sh');
  program(script, []);
  writeFileSync(script, SCRIPT!);
  workspace.edit(CONFIG, (config: TinyConfig) => {
    config.targets = {
      h100: { engine: 'tensorrt', gpu: 'sm_90', precisions: ['fp32'], command: ['./on-gpu.sh', '{program}'] },
    };
    config.models.tiny!.tolerance = { fp32: 1e-4 };
    config.validation = { samples: 1 };
  });
  const env = { PATH: `${bin}:/usr/bin:/bin`, STAND_IN_TEMPORARY: workspace.folder };
  return { workspace, script, tmp, env };
}

describe.skipIf(!existsSync(RSYNC))(`the script of docs/tensorrt.md${existsSync(RSYNC) ? '' : ' (no rsync)'}`, () => {
  test('builds, validates and times an engine on another machine, and leaves nothing there', async () => {
    const { workspace, tmp, env } = laptop();
    const doctor = await workspace.td(['doctor'], { env });
    expect(doctor.stdout).toMatch(/^\+ target h100 +tensorrt 10\.13\.3 build 9, gpu sm_90 NVIDIA H100 80GB HBM3/m);
    const { code, failures } = await workspace.build([], { env });
    expect([failures, code]).toEqual([[], 0]);
    expect(workspace.files('dist')).toEqual(
      expect.arrayContaining([
        'models/tiny/h100-fp32/model.plan',
        'models/tiny/h100-fp32/benchmark.json',
        'triton/tiny-h100-fp32-model/1/model.plan',
      ]),
    );
    expect(readdirSync(tmp)).toEqual([]);
  }, 120_000);

  test('tells that the machine is not reached, and what goes wrong there', async () => {
    const { workspace, script, env } = laptop();
    writeFileSync(script, SCRIPT!.replace('host=gpu-1', 'host=gpu-2'));
    const unreachable = await workspace.build([], { env });
    expect([unreachable.code, unreachable.failures]).toMatchObject([
      3,
      [
        {
          code: 'not-built-here',
          found:
            "the machine behind the target's command cannot be reached: ssh: Could not resolve hostname gpu-2: Name or service not known",
        },
      ],
    ]);
    writeFileSync(script, SCRIPT!.replace(THERE, '/opt/nowhere/trtexec'));
    const missing = await workspace.build([], { env });
    expect([missing.code, missing.failures[0]?.found]).toEqual([
      3,
      expect.stringMatching(/^trtexec is not where it was looked for: .*\/opt\/nowhere\/trtexec: not found$/),
    ]);
    writeFileSync(script, SCRIPT!);
    const killed = await workspace.build([], { env: { ...env, STAND_IN_FAULT: 'killed' } });
    expect([killed.code, killed.failures[0]?.code, killed.failures[0]?.found]).toEqual([
      3,
      'trtexec-killed',
      expect.stringMatching(/^exit code 137 after: /),
    ]);
  }, 120_000);
});
