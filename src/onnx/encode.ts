import { ONNX_ELEMENT_TYPE } from '../graph/element-type.js';
import {
  type Attribute,
  type Constant,
  everyNodeOf,
  type Graph,
  type Input,
  type Node,
  type NodeOutput,
  nodesOf,
  type Value,
  valuesReadBy,
} from '../graph/graph.js';
import { operatorOf } from '../graph/operators/index.js';
import { portOf } from '../graph/operators/operator.js';
import { byteLengthOf, type Tensor, type TensorType } from '../graph/tensor.js';
import type { DataEntry } from '../weights/write-data.js';
import { attributeTensor, external, inline } from './encode-tensor.js';
import { ATTRIBUTE_TYPE } from './fields.js';
import { constantNameOf, Names, nodeNameOf } from './names.js';
import { encodeMessage, type Message } from './protobuf.js';
import { tensorKey } from './tensor-key.js';

/** Versions by domain; '' is ai.onnx. */
export type Opsets = Readonly<Record<string, number>>;

/** ONNX Runtime reads these from 1.17 on, TensorRT from 8.6 on. */
const OPSETS: Opsets = { '': 17, 'com.microsoft': 1 };
const IR_VERSION = 8;

export interface EncodeOptions {
  /** How the model calls a weight file whose spans it uses in place; undefined for a file that it must not refer to. */
  readonly keepInPlace?: (file: string) => string | undefined;
  /** Name of the data file beside the model, for every other tensor; 'model.onnx_data' when absent. */
  readonly dataFile?: string;
  /** Name of the graph; 'model' when absent. */
  readonly name?: string;
  /** For models that were read: the versions that their operators mean. */
  readonly opsets?: Opsets;
  readonly irVersion?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A model as it would be written. Nothing is read or written to make it. */
export interface EncodedModel {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** By offset; empty when the model needs no data file. */
  readonly data: readonly DataEntry[];
  /** Bytes of the data file. */
  readonly dataSize: number;
}

/** A constant of up to this many bytes is worth less than a reference to it. Shapes and axes must be inline anyway. */
const MOST_INLINE_BYTES = 1024;

/**
 * Large tensors start on a page: they are mapped, prefetched and dropped without touching their neighbours. The others
 * start on 256 bytes, which is what CUDA's and AVX-512's aligned loads ask of weights that are used where they lie.
 */
const alignmentOf = (byteLength: number): number => (byteLength >= 64 * 1024 ? 4096 : 256);

/** The ONNX bytes of a graph, and what its data file has to hold. Equal graphs give equal bytes. */
export function encodeModel(graph: Graph, options: EncodeOptions = {}): EncodedModel {
  return new Encoder(options).encode(graph);
}

class Encoder {
  private readonly names = new Names();
  /** Nodes have names of their own kind: a value may be called like its node. */
  private readonly nodeNames = new Names();
  private readonly nameOf = new Map<Value, string>();
  /** Names that values have from the file they were read from: taken before any is made up. */
  private readonly kept = new Map<Value, string>();
  private readonly constantNames = new Map<string, string>();
  private readonly initializers: Message<'TensorProto'>[] = [];
  private readonly data: DataEntry[] = [];
  /** Offsets in the data file: bytes that are read under two shapes are stored once. */
  private readonly places = new Map<string, number>();
  private dataSize = 0;
  private readonly domains = new Set(['']);

  constructor(private readonly options: EncodeOptions) {}

  encode(graph: Graph): EncodedModel {
    // What the caller named comes first: it is the model's interface.
    for (const input of graph.inputs) this.nameOf.set(input, this.names.unique(input.name));
    const outputNames = graph.outputs.map(output => this.names.unique(output.name));
    this.keepNames(graph);
    const encoded = this.graph(graph, graph.inputs, outputNames, this.options.name ?? 'model');
    const { metadata = {}, irVersion = IR_VERSION } = this.options;
    const bytes = encodeMessage('ModelProto', {
      ir_version: irVersion,
      producer_name: 'transformer-deploy',
      graph: { ...encoded, initializer: this.initializers },
      opset_import: [...this.domains].sort().map(domain => ({ domain, version: this.versionOf(domain) })),
      metadata_props: Object.keys(metadata)
        .sort()
        .map(key => ({ key, value: metadata[key]! })),
    });
    return { bytes, data: this.data, dataSize: this.dataSize };
  }

  private keepNames(graph: Graph): void {
    const outputs = new Set(outputsOfAll(graph));
    for (const node of everyNodeOf(graph)) {
      for (const output of node.outputs) {
        if (output.name !== undefined && !outputs.has(output)) this.kept.set(output, this.names.unique(output.name));
      }
    }
  }

  private versionOf(domain: string): number {
    return this.options.opsets?.[domain] ?? OPSETS[domain] ?? 1;
  }

  /** `inputs` are the formal ones: what a sub-graph captures has a name in the outer graph. */
  private graph(
    graph: Graph,
    inputs: readonly Input[],
    outputNames: readonly string[],
    name: string,
  ): Message<'GraphProto'> {
    const nodes = nodesOf(graph);
    const read = new Set<Value>(graph.outputs.map(output => output.value));
    for (const node of nodes) for (const value of valuesReadBy(node)) read.add(value);

    // An output that is an input, a constant or another output as well gets a node of its own.
    const copies: { name: string; value: Value }[] = [];
    for (const [index, { value }] of graph.outputs.entries()) {
      const outputName = outputNames[index]!;
      if (value.kind === 'output' && !this.nameOf.has(value)) this.nameOf.set(value, outputName);
      else copies.push({ name: outputName, value });
    }

    const encodedNodes: Message<'NodeProto'>[] = [];
    const valueInfo: Message<'ValueInfoProto'>[] = [];
    const outputs = new Set<Value>(graph.outputs.map(output => output.value));
    for (const node of nodes) {
      encodedNodes.push(this.node(node, read));
      for (const output of node.outputs) {
        const valueName = this.nameOf.get(output);
        if (valueName !== undefined && !outputs.has(output)) valueInfo.push(describe(valueName, output.type));
      }
    }
    for (const { name: output, value } of copies) {
      const input = this.nameOfValue(value, '');
      encodedNodes.push({
        input: [input],
        output: [output],
        name: this.nodeNames.unique(`Identity/${output}`),
        op_type: 'Identity',
      });
    }
    return {
      node: encodedNodes,
      name,
      input: inputs.map(input => describe(this.nameOf.get(input)!, input.type)),
      output: graph.outputs.map(({ value }, index) => describe(outputNames[index]!, value.type)),
      value_info: valueInfo,
    };
  }

  private node(node: Node, read: ReadonlySet<Value>): Message<'NodeProto'> {
    this.domains.add(node.domain);
    const name = this.nodeNames.unique(nodeNameOf(node));
    const inputs = node.inputs.map(input => (input ? this.nameOfValue(input, node.path) : ''));
    const attributes = Object.keys(node.attributes)
      .sort()
      .map(key => this.attribute(key, node.attributes[key]!, name));
    return {
      input: withoutTrailingEmpty(inputs),
      output: withoutTrailingEmpty(node.outputs.map(output => this.nameOutput(output, name, read))),
      name,
      op_type: node.op,
      attribute: attributes,
      ...(node.domain === '' ? {} : { domain: node.domain }),
    };
  }

  /** '' for an optional output that nobody reads. */
  private nameOutput(output: NodeOutput, nodeName: string, read: ReadonlySet<Value>): string {
    const given = this.nameOf.get(output);
    if (given !== undefined) return given;
    if (!read.has(output) && mayBeAbsent(output)) return '';
    const name =
      this.kept.get(output) ?? this.names.unique(output.index === 0 ? nodeName : `${nodeName}:${output.index}`);
    this.nameOf.set(output, name);
    return name;
  }

  private nameOfValue(value: Value, path: string): string {
    if (value.kind === 'constant') return this.nameOfConstant(value, path);
    const name = this.nameOf.get(value);
    if (name === undefined) {
      const what = value.kind === 'input' ? `the input '${value.name}'` : `a result of ${nodeNameOf(value.node)}`;
      throw new Error(`internal error: the graph reads ${what}, which is not its own`);
    }
    return name;
  }

  private nameOfConstant(constant: Constant, path: string): string {
    const known = this.nameOf.get(constant);
    if (known !== undefined) return known;
    const key = tensorKey(constant.tensor);
    let name = this.constantNames.get(key);
    if (name === undefined) {
      name = this.names.unique(constantNameOf(constant, path));
      this.constantNames.set(key, name);
      this.initializers.push(this.initializer(constant.tensor, name));
    }
    this.nameOf.set(constant, name);
    return name;
  }

  private initializer(tensor: Tensor, name: string): Message<'TensorProto'> {
    const span = spanOf(tensor);
    const location = span && this.options.keepInPlace?.(span.file);
    if (span && location !== undefined) return external(tensor, name, location, span.offset, span.byteLength);
    const { data } = tensor;
    if (data.from === 'bytes' && data.bytes.length <= MOST_INLINE_BYTES) return inline(tensor, name, data.bytes);
    const byteLength = byteLengthOf(tensor);
    const key = tensorKey(unshaped(tensor));
    const offset = this.places.get(key) ?? this.placeOf(tensor, name, byteLength);
    this.places.set(key, offset);
    return external(tensor, name, this.options.dataFile ?? 'model.onnx_data', offset, byteLength);
  }

  private placeOf(tensor: Tensor, name: string, byteLength: number): number {
    const alignment = alignmentOf(byteLength);
    const offset = Math.ceil(this.dataSize / alignment) * alignment;
    this.data.push({ tensor, name, offset });
    this.dataSize = offset + byteLength;
    return offset;
  }

  private attribute(name: string, attribute: Attribute, nodeName: string): Message<'AttributeProto'> {
    const { kind } = attribute;
    const type = ATTRIBUTE_TYPE[kind];
    switch (kind) {
      case 'int':
        return { name, i: attribute.value, type };
      case 'float':
        return { name, f: attribute.value, type };
      case 'string':
        return { name, s: new TextEncoder().encode(attribute.value), type };
      case 'ints':
        return { name, ints: attribute.value, type };
      case 'floats':
        return { name, floats: attribute.value, type };
      case 'strings':
        return { name, strings: attribute.value.map(text => new TextEncoder().encode(text)), type };
      case 'tensor':
        return { name, t: attributeTensor(attribute.value), type };
      case 'graph': {
        const { value: inner, captures } = attribute;
        for (const [input, outer] of captures) this.nameOf.set(input, this.nameOfValue(outer, ''));
        const formal = inner.inputs.filter(input => !captures.has(input));
        for (const input of formal) this.nameOf.set(input, this.names.unique(`${nodeName}/${name}/${input.name}`));
        const outputNames = inner.outputs.map(output => this.names.unique(`${nodeName}/${name}/${output.name}`));
        return { name, g: this.graph(inner, formal, outputNames, `${nodeName}/${name}`), type };
      }
    }
  }
}

/** What a graph and its branches give: they are called what the interface says. */
function* outputsOfAll(graph: Graph): Iterable<Value> {
  for (const { value } of graph.outputs) yield value;
  for (const node of everyNodeOf(graph)) {
    for (const attribute of Object.values(node.attributes)) {
      if (attribute.kind === 'graph') for (const { value } of attribute.value.outputs) yield value;
    }
  }
}

function mayBeAbsent({ node, index }: NodeOutput): boolean {
  const operator = operatorOf(node);
  // Of an operator that the table does not know, what the file left out has no rank at all.
  if (operator === undefined) return node.outputs[index]!.type === ABSENT;
  const port = operator.outputs[index];
  return port !== undefined && portOf(port).optional;
}

/** The type of an output that a foreign node leaves out. Compared by identity. */
export const ABSENT: TensorType = { dtype: 'float32', shape: [] };

/** Optional inputs and outputs that are absent at the end are not written. */
export function withoutTrailingEmpty(names: readonly string[]): readonly string[] {
  let length = names.length;
  while (length > 0 && names[length - 1] === '') length--;
  return names.slice(0, length);
}

const describe = (name: string, { dtype, shape }: TensorType): Message<'ValueInfoProto'> => ({
  name,
  type: {
    tensor_type: {
      elem_type: ONNX_ELEMENT_TYPE[dtype],
      shape: { dim: shape.map(dim => (typeof dim === 'number' ? { dim_value: dim } : { dim_param: dim })) },
    },
  },
});

function spanOf(tensor: Tensor): { file: string; offset: number; byteLength: number } | undefined {
  const { data } = tensor;
  if (data.from === 'file') return data;
  return data.from === 'reshape' && data.of.dtype === tensor.dtype ? spanOf(data.of) : undefined;
}

/** What a tensor is a view of, with another shape. */
const unshaped = (tensor: Tensor): Tensor =>
  tensor.data.from === 'reshape' && tensor.data.of.dtype === tensor.dtype ? unshaped(tensor.data.of) : tensor;
