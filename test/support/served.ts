import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { TritonClient } from '../../src/client/client.js';
import type { Workspace } from './td.js';

export type Protocol = 'http' | 'grpc';

/** `td serve` of what a workspace has built, in a process of its own, on ports that are free. */
export interface Served {
  readonly ports: Readonly<Record<Protocol | 'metrics', number>>;
  /** One more, with a connection of its own. Closed with the server. */
  client(protocol: Protocol): TritonClient;
  /** As Ctrl-C does; gives the exit code. */
  stop(): Promise<number | null>;
}

export async function startServer(workspace: Workspace, ...options: readonly string[]): Promise<Served> {
  const free = ['--port', '0', '--grpc-port', '0', '--metrics-port', '0'];
  const { child, outcome } = workspace.start(['serve', ...free, '--json', ...options]);
  const line = once(createInterface({ input: child.stdout as Readable }), 'line') as Promise<[string]>;
  const ended = outcome.then(({ stderr }): never => {
    throw new Error(`td serve has ended: ${stderr}`);
  });
  const [announced] = await Promise.race([line, ended]);
  ended.catch(() => undefined);
  const { ports } = JSON.parse(announced) as { ports: Served['ports'] };
  const clients: TritonClient[] = [];
  return {
    ports,
    client(protocol) {
      const client = new TritonClient(`${protocol}://127.0.0.1:${ports[protocol]}`);
      clients.push(client);
      return client;
    },
    async stop() {
      await Promise.all(clients.map(client => client.close()));
      child.kill('SIGINT');
      return (await outcome).code;
    },
  };
}
