/** What a module with an architecture of one's own imports: 'transformer-deploy/architecture'. */

export { integers, scalar } from '../graph/constants.js';
export type { Constant, Graph, Input, Output, Value } from '../graph/graph.js';
export type { Ops } from '../graph/ops.js';
export { fail, ok, type Result } from '../util/result.js';
export * from './activations.js';
export * from './architecture.js';
export * from './blocks.js';
export * from './decoder-blocks.js';
export * from './encoder-heads.js';
export * from './gpt-heads.js';
export * from './heads.js';
export type { Place } from './place.js';
export * from './pooling.js';
export * from './read-config.js';
export * from './rope.js';
export * from './rotary.js';
export type { Head } from './tasks.js';
export * from './text-inputs.js';
