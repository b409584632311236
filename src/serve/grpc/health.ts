import type { ServiceDefinition } from '@grpc/grpc-js';

/** The health service that load balancers and Kubernetes ask: package grpc.health.v1 of gRPC itself. */
const HEALTH_PROTO = `
syntax = "proto3";
package grpc.health.v1;
service Health { rpc Check(HealthCheckRequest) returns (HealthCheckResponse); }
message HealthCheckRequest { string service = 1; }
message HealthCheckResponse {
  enum ServingStatus { UNKNOWN = 0; SERVING = 1; NOT_SERVING = 2; SERVICE_UNKNOWN = 3; }
  ServingStatus status = 1;
}
`;

export async function healthService(): Promise<ServiceDefinition> {
  const [{ default: protobuf }, { fromJSON }] = await Promise.all([import('protobufjs'), import('@grpc/proto-loader')]);
  const { root } = protobuf.parse(HEALTH_PROTO, { keepCase: true });
  return fromJSON(root.toJSON(), { keepCase: true, enums: String })['grpc.health.v1.Health'] as ServiceDefinition;
}
