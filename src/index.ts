export {
  type CallOptions,
  type ClientOptions,
  type GenerateOptions,
  type InferOptions,
  type InferResult,
  type ModelOptions,
  TritonClient,
} from './client/client.js';
export type { Endpoint, Protocol } from './client/endpoint.js';
export type { ClientError, ClientErrorKind, ServerStatus } from './client/errors.js';
export type {
  ModelMetadata,
  ModelStatistics,
  RepositoryEntry,
  ServerMetadata,
  TensorMetadata,
} from './client/messages.js';
export type { RetryPolicy } from './client/retry.js';
export { type InputData, type InputTensor, type Nested, toNested, toStrings } from './client/tensors.js';
export { type ConfigFunction, defineConfig } from './config/define-config.js';
export type * from './config/types.generated.js';
export type { Datatype, WireTensor } from './kserve/datatypes.js';
