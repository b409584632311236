import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packageVersionOfThis } from '../../plan/tools.js';
import type { RunningServer } from '../../serve/serve.js';
import { type Failure, usageFailure } from '../../util/failure.js';
import { fail, ok, type Result } from '../../util/result.js';
import { type Arguments, numberProblem } from '../arguments.js';
import { CONFIG_OPTION, type Command, type CommandContext, OUT_OPTION } from '../command.js';
import { openProject } from '../project.js';

export const command: Command = {
  name: 'serve',
  usage: '[OPTIONS]',
  summary: 'Serves the built Triton repository here, over HTTP and gRPC. For development and tests.',
  options: {
    ...CONFIG_OPTION,
    ...OUT_OPTION,
    repository: { type: 'string', placeholder: 'DIR', help: "a model repository (default: the build's own)" },
    host: { type: 'string', placeholder: 'ADDRESS', help: 'where to listen (default: 127.0.0.1)' },
    port: { type: 'string', placeholder: 'N', help: 'of HTTP (default: 8000); 0 takes one that is free' },
    'grpc-port': { type: 'string', placeholder: 'N', help: 'of gRPC (default: 8001)' },
    'metrics-port': { type: 'string', placeholder: 'N', help: 'of /metrics (default: 8002)' },
    'model-control-mode': {
      type: 'string',
      placeholder: 'MODE',
      help: 'none: all models are loaded (default); explicit: those of --load-model, and what clients ask for',
    },
    'load-model': { type: 'string', multiple: true, placeholder: 'NAME', help: 'with explicit control; * is all' },
    json: { type: 'boolean', help: 'one JSON object with the ports when it listens' },
  },
  notes: `Models of ONNX Runtime and those that td build wrote for the Python backend are served, the latter without Python.
Ctrl-C or SIGTERM ends it: requests that are there are answered first.`,
  async run(given, context) {
    const problem = PORTS.map(([option]) => numberProblem(given, option, 0)).find(Boolean) ?? controlProblem(given);
    if (problem) return fail(problem);
    const folder = await repositoryFolder(given, context);
    if (!folder.ok) return folder;
    const { serve } = await import('../../serve/serve.js');
    const [http, grpc, metrics] = PORTS.map(([option, byDefault]) => Number(given.text(option) ?? byDefault));
    const server = await serve({
      repository: {
        folder: folder.value,
        control: given.text('model-control-mode') === 'explicit' ? 'explicit' : 'none',
        load: given.list('load-model'),
      },
      host: given.text('host') ?? '127.0.0.1',
      ports: { http: http!, grpc: grpc!, metrics: metrics! },
      version: packageVersionOfThis(),
    });
    if (!server.ok) return server;
    announce(server.value, given, context);
    await new Promise<void>(stop => {
      if (context.signal.aborted) stop();
      else context.signal.addEventListener('abort', () => stop(), { once: true });
    });
    await server.value.stop();
    return ok(0);
  },
};

const PORTS = [
  ['port', 8000],
  ['grpc-port', 8001],
  ['metrics-port', 8002],
] as const;

function controlProblem(given: Arguments): Failure | undefined {
  const mode = given.text('model-control-mode') ?? 'none';
  if (mode !== 'none' && mode !== 'explicit') {
    return usageFailure('option-invalid', '--model-control-mode is not one of the modes', {
      expected: 'none or explicit',
      found: mode,
    });
  }
  if (mode === 'explicit' || given.list('load-model').length === 0) return undefined;
  return usageFailure('option-unused', '--load-model means nothing where all models are loaded', {
    fix: 'add --model-control-mode explicit',
  });
}

async function repositoryFolder(given: Arguments, context: CommandContext): Promise<Result<string, Failure>> {
  const named = given.text('repository');
  if (named !== undefined) return ok(resolve(context.cwd, named));
  const project = await openProject(given, context);
  if (!project.ok) return project;
  const { outDir, config } = project.value;
  const folder = join(outDir, config.triton.repository);
  if (existsSync(folder)) return ok(folder);
  return fail(
    usageFailure('repository-missing', 'the model repository is not built', {
      where: folder,
      fix: 'td build makes it, where the config has `triton`',
    }),
  );
}

function announce({ ports, index, onCpu }: RunningServer, given: Arguments, { print, note }: CommandContext): void {
  note('This server is for development and tests; serve users with Triton.\n');
  for (const { name, version, state, reason } of index) {
    const facts = state === undefined ? 'not loaded' : `version ${version}  ${state}${reason ? `  ${reason}` : ''}`;
    note(`  ${name}  ${facts}\n`);
  }
  if (onCpu.length > 0) note(`On the CPU, where Triton would take a GPU: ${onCpu.join(', ')}\n`);
  const host = given.text('host') ?? '127.0.0.1';
  if (given.flag('json')) print(`${JSON.stringify({ host, ports })}\n`);
  else print(`http://${host}:${ports.http}/  gRPC ${host}:${ports.grpc}  http://${host}:${ports.metrics}/metrics\n`);
}
