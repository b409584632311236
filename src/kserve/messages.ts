import type { WireTensor } from './datatypes.js';

/** A parameter of a request, a tensor or a response. */
export type Parameters = Readonly<Record<string, string | number | bigint | boolean>>;

/** One inference, whatever carried it. */
export interface InferRequest {
  readonly id?: string;
  readonly parameters: Parameters;
  readonly inputs: readonly WireTensor[];
  /** What is asked for; all outputs when empty. */
  readonly outputs: readonly RequestedOutput[];
}

export interface RequestedOutput {
  readonly name: string;
  /** Over HTTP: as bytes behind the JSON instead of in it. */
  readonly binary: boolean;
  /** Classification extension: so many best labels instead of the tensor. 0: the tensor. */
  readonly classification: number;
}

export interface InferResponse {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly id?: string;
  readonly parameters: Parameters;
  readonly outputs: readonly WireTensor[];
}
