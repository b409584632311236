import type { Server } from '@grpc/grpc-js';
import { inferenceService } from '../../kserve/grpc-service.js';
import type { ServerFacts } from '../http/routes.js';
import { Handlers } from './handlers.js';
import { healthService } from './health.js';

/** The inference service and the health service over gRPC. */
export class GrpcServer {
  // biome-ignore lint/correctness/noUnusedPrivateClassMembers: `close` takes it apart
  private server: Server | undefined;

  constructor(private readonly facts: ServerFacts) {}

  /** Resolves to the port once the server listens; rejects with the system's error. */
  async listen(port: number, host: string): Promise<number> {
    const [grpc, inference, health] = await Promise.all([import('@grpc/grpc-js'), inferenceService(), healthService()]);
    const { maxBytes } = this.facts;
    const server = new grpc.Server({
      'grpc.max_receive_message_length': maxBytes,
      'grpc.max_send_message_length': -1,
    });
    const handlers = new Handlers(this.facts);
    server.addService(inference, handlers.inference());
    server.addService(health, handlers.health());
    this.server = server;
    return new Promise((resolve, reject) => {
      const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
      server.bindAsync(address, grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
  }

  /** Answers what has been asked, and ends. */
  async close(): Promise<void> {
    const { server } = this;
    if (server) await new Promise<void>(resolve => server.tryShutdown(() => resolve()));
  }
}
