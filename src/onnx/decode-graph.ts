import { contentName } from '../graph/constant-text.js';
import { canonicalDim, isEitherDim } from '../graph/dims.js';
import { dtypeOfElementType } from '../graph/element-type.js';
import { bytesOfNumbers } from '../graph/elements.js';
import {
  type Attribute,
  type Constant,
  constant,
  type Graph,
  type Input,
  makeNode,
  type Value,
} from '../graph/graph.js';
import { knownIntegers } from '../graph/known-integers.js';
import { operatorOf } from '../graph/operators/index.js';
import { InferenceError, inferTypes } from '../graph/operators/inference.js';
import type { Dim, DType, Tensor, TensorType } from '../graph/tensor.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { nearest } from '../util/nearest.js';
import type { Result } from '../util/result.js';
import { dtypeFrom, type TensorDecoder } from './decode-tensor.js';
import { ABSENT, withoutTrailingEmpty } from './encode.js';
import { unsupported } from './failure.js';
import { ATTRIBUTE_TYPE } from './fields.js';
import { foreignTypes } from './foreign-types.js';
import { pathOfNodeName } from './names.js';
import type { Message } from './protobuf.js';

/** Carries a failure up through the nested graphs; the reader turns it back into a value. */
export class Refused extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

function orRefuse<T>(result: Result<T, Failure>): T {
  if (result.ok) return result.value;
  throw new Refused(result.error);
}

/** Throws Refused where the graph is invalid or unsupported. */
export function decodeGraph(proto: Message<'GraphProto'>, tensors: TensorDecoder, where: string): Graph {
  return new GraphDecoder(tensors, where, undefined).decode(proto, '');
}

/** A declared type; `shape` holds undefined where a length is not said. */
interface Declared {
  readonly dtype: DType;
  readonly shape: readonly (Dim | undefined)[];
}

class GraphDecoder {
  private readonly values = new Map<string, Value>();
  private readonly declared = new Map<string, Message<'ValueInfoProto'>>();
  /** Inputs that stand for values of the outer graph, by the outer name. */
  private readonly captured = new Map<string, Input>();
  readonly captures = new Map<Input, Value>();

  constructor(
    private readonly tensors: TensorDecoder,
    private readonly where: string,
    private readonly outer: GraphDecoder | undefined,
    /** Of a branch that is always taken: its nodes are nodes of the outer graph, which reads no captures. */
    private readonly isInlined = false,
  ) {}

  /** `prefix` is what the writer puts before the names of a sub-graph's outputs. */
  decode(proto: Message<'GraphProto'>, prefix: string): Graph {
    if (proto.sparse_initializer) throw new Refused(unsupported('sparse initialisers', this.where));
    for (const info of [...(proto.value_info ?? []), ...(proto.output ?? [])]) this.declared.set(info.name ?? '', info);

    for (const tensor of proto.initializer ?? []) {
      const name = tensor.name ?? '';
      this.define(name, namedConstant(orRefuse(this.tensors.decode(tensor)), name));
    }
    const inputs: Input[] = [];
    for (const info of proto.input ?? []) {
      const name = info.name ?? '';
      // Up to IR version 3, initialisers are listed as inputs as well; a default that nobody can rely on.
      if (this.values.has(name)) continue;
      const input: Input = { kind: 'input', name, type: this.inputType(info) };
      inputs.push(input);
      this.define(name, input);
    }
    for (const node of proto.node ?? []) this.node(node);
    const outputs = (proto.output ?? []).map(({ name = '' }) => ({
      name: name.startsWith(prefix) ? name.slice(prefix.length) : name,
      value: this.lookUp(name) ?? this.unknownName(name, 'an output of the graph'),
    }));
    return { inputs: [...inputs, ...this.captured.values()], outputs };
  }

  private define(name: string, value: Value): void {
    if (this.values.has(name)) this.invalid(`two values have the name '${name}'`, 'names that are unique');
    this.values.set(name, value);
  }

  private lookUp(name: string): Value | undefined {
    const own = this.values.get(name) ?? this.captured.get(name);
    if (own) return own;
    const outer = this.outer?.lookUp(name);
    if (outer === undefined || outer.kind === 'constant' || this.isInlined) return outer;
    const input: Input = { kind: 'input', name, type: outer.type };
    this.captured.set(name, input);
    this.captures.set(input, outer);
    return input;
  }

  private node(proto: Message<'NodeProto'>): void {
    const { op_type: op = '', name = '', input = [], output = [] } = proto;
    const domain = proto.domain === 'ai.onnx' ? '' : (proto.domain ?? '');
    if (proto.overload) throw new Refused(unsupported('overloaded functions', this.where));
    if (domain === '' && op === 'Constant') {
      const outputName = output[0] ?? '';
      this.define(outputName, namedConstant(this.constantOf(proto), outputName));
      return;
    }
    const inputs = withoutTrailingEmpty(input).map(inputName =>
      inputName === ''
        ? undefined
        : (this.lookUp(inputName) ?? this.unknownName(inputName, `an input of ${op} '${name}'`)),
    );
    if (domain === '' && op === 'If' && this.decidedIf(proto, inputs[0])) return;
    const attributes = Object.fromEntries((proto.attribute ?? []).map(a => [a.name ?? '', this.attribute(a, name)]));
    const node = { op, domain, path: pathOfNodeName(name, op), inputs, attributes };
    const types = this.typesOf(node, output);
    const { outputs } = makeNode(
      node,
      types,
      output.map(outputName => (outputName === '' ? undefined : outputName)),
    );
    for (const [index, outputName] of output.entries()) {
      if (outputName !== '') this.define(outputName, outputs[index]!);
    }
  }

  /**
   * Takes the branch of an If whose condition follows from the shapes in the place of the node; false where it does not. The
   * other branch, which is for other shapes, need not even have the same rank.
   */
  private decidedIf({ attribute = [], output = [], name = '' }: Message<'NodeProto'>, condition?: Value): boolean {
    const taken = condition && knownIntegers(condition)?.[0];
    if (typeof taken !== 'number') return false;
    const branch = attribute.find(({ name: own }) => own === (taken === 0 ? 'else_branch' : 'then_branch'))?.g;
    if (branch === undefined) return false;
    const inner = new GraphDecoder(this.tensors, this.where, this, true);
    const { outputs } = inner.decode(branch, '');
    if (outputs.length < output.length)
      this.invalid(`a branch of If '${name}' has too few outputs`, `${output.length}`);
    for (const [index, outputName] of output.entries()) {
      if (outputName !== '') this.define(outputName, outputs[index]!.value);
    }
    return true;
  }

  /** From the operator where the table knows it; what that leaves open, and all else, from what the file declares. */
  private typesOf(node: Parameters<typeof makeNode>[0], outputs: readonly string[]): readonly TensorType[] {
    const operator = operatorOf(node);
    const unknown = new Set<string>();
    const nameDim = (axis: number): string => {
      const dim = `${outputs.find(output => output !== '') ?? node.op}.${axis}`;
      unknown.add(dim);
      return dim;
    };
    let problem = `the operator ${node.domain === '' ? '' : `${node.domain}.`}${node.op} is not known`;
    if (operator !== undefined) {
      try {
        const inferred = inferTypes({ ...node, outputCount: outputs.length }, operator, nameDim);
        if (inferred.length >= outputs.length) {
          return inferred.map((type, index) => this.refined(type, outputs[index], unknown));
        }
        problem = `${node.op} has ${outputs.length} outputs instead of ${inferred.length}`;
      } catch (error) {
        if (!(error instanceof InferenceError)) throw error;
        problem = error.message;
      }
    }
    const foreign = operator === undefined ? foreignTypes(node, outputs.length) : undefined;
    return outputs.map((output, index) => {
      if (output === '') return ABSENT;
      if (foreign) return this.refined(foreign[index]!, output, unknown);
      const declared = this.declaredType(output);
      if (declared)
        return { dtype: declared.dtype, shape: declared.shape.map((dim, axis) => dim ?? `${output}.${axis}`) };
      throw new Refused(
        usageFailure('onnx-untyped', `the type of the tensor '${output}' is not known`, {
          where: this.where,
          expected: 'a value_info with dtype and shape',
          found: problem,
          fix: 'add types to the model: onnx.shape_inference, or the symbolic shape inference of ONNX Runtime',
        }),
      );
    });
  }

  /** An inferred type with the lengths that inference could not know taken from the file. */
  private refined(type: TensorType, name: string | undefined, unknown: ReadonlySet<string>): TensorType {
    const declared = name && this.declaredType(name);
    if (!declared || declared.shape.length !== type.shape.length) return type;
    const shape = type.shape.map((dim, axis) => {
      const said = declared.shape[axis];
      if (said === undefined || typeof dim === 'number') return dim;
      return typeof said === 'number' || unknown.has(dim) || isEitherDim(dim) ? said : dim;
    });
    return { dtype: type.dtype, shape };
  }

  private declaredType(name: string): Declared | undefined {
    const type = this.declared.get(name)?.type?.tensor_type;
    const dtype = dtypeOfElementType(type?.elem_type ?? 0);
    if (type?.shape === undefined || dtype === undefined) return undefined;
    return { dtype, shape: dimsOf(type.shape) };
  }

  private inputType({ name = '', type }: Message<'ValueInfoProto'>): TensorType {
    if (type?.sequence_type ?? type?.map_type ?? type?.optional_type) {
      throw new Refused(unsupported(`the input '${name}', which is not a tensor`, this.where));
    }
    const tensor = type?.tensor_type;
    const dtype = orRefuse(dtypeFrom(tensor?.elem_type ?? 0, `the input '${name}'`, this.where));
    if (tensor?.shape === undefined) {
      return this.invalid(`the input '${name}' has no shape`, 'a shape; its lengths may be symbolic');
    }
    return { dtype, shape: dimsOf(tensor.shape).map((dim, axis) => dim ?? `${name}.${axis}`) };
  }

  private attribute(proto: Message<'AttributeProto'>, nodeName: string): Attribute {
    const { name = '' } = proto;
    if (proto.ref_attr_name) throw new Refused(unsupported('attributes of functions', this.where));
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    switch (proto.type ?? attributeTypeOf(proto)) {
      case ATTRIBUTE_TYPE.float:
        return { kind: 'float', value: proto.f ?? 0 };
      case ATTRIBUTE_TYPE.int:
        return { kind: 'int', value: proto.i ?? 0 };
      case ATTRIBUTE_TYPE.string:
        return { kind: 'string', value: text(proto.s ?? new Uint8Array()) };
      case ATTRIBUTE_TYPE.floats:
        return { kind: 'floats', value: proto.floats ?? [] };
      case ATTRIBUTE_TYPE.ints:
        return { kind: 'ints', value: proto.ints ?? [] };
      case ATTRIBUTE_TYPE.strings:
        return { kind: 'strings', value: (proto.strings ?? []).map(text) };
      case ATTRIBUTE_TYPE.tensor:
        return { kind: 'tensor', value: orRefuse(this.tensors.decode(proto.t ?? {})) };
      case ATTRIBUTE_TYPE.graph: {
        const inner = new GraphDecoder(this.tensors, this.where, this);
        const value = inner.decode(proto.g ?? {}, `${nodeName}/${name}/`);
        return { kind: 'graph', value, captures: inner.captures };
      }
      default:
        throw new Refused(unsupported(`the attribute '${name}' of a kind that is not supported`, this.where));
    }
  }

  private constantOf(proto: Message<'NodeProto'>): Tensor {
    const [attribute] = proto.attribute ?? [];
    const { name = '', t, i = 0, f = 0, ints = [], floats = [] } = attribute ?? {};
    const tensor = (dtype: DType, shape: readonly number[], numbers: readonly number[]): Tensor => ({
      dtype,
      shape,
      data: { from: 'bytes', bytes: bytesOfNumbers(dtype, numbers) },
    });
    switch (name) {
      case 'value':
        return orRefuse(this.tensors.decode(t ?? {}));
      case 'value_int':
        return tensor('int64', [], [i]);
      case 'value_ints':
        return tensor('int64', [ints.length], ints);
      case 'value_float':
        return tensor('float32', [], [f]);
      case 'value_floats':
        return tensor('float32', [floats.length], floats);
      default:
        throw new Refused(unsupported(`a Constant made of '${name}'`, this.where));
    }
  }

  private unknownName(name: string, what: string): never {
    const close = nearest(name, this.values.keys());
    return this.invalid(
      `${what} is '${name}', which nothing before it makes`,
      close === undefined ? 'a name that is defined, in topological order' : `perhaps '${close}'`,
    );
  }

  private invalid(message: string, expected: string): never {
    throw new Refused(
      usageFailure('onnx-invalid', message, { ...(this.where === '' ? {} : { where: this.where }), expected }),
    );
  }
}

/** Shapes, axes and scalars have no name of their own: exporters number them, and their content says more. */
function namedConstant(tensor: Tensor, name: string): Constant {
  const made = constant(tensor, name);
  const content = contentName(made);
  const isWeight = tensor.dtype.includes('float') && tensor.shape.length > 0;
  return content === name || (content !== undefined && !isWeight) ? { ...made, name: '' } : made;
}

function dimsOf(shape: Message<'TensorShapeProto'>): (Dim | undefined)[] {
  return (shape.dim ?? []).map(({ dim_value: value, dim_param: param }) => {
    if (value !== undefined && value >= 0) return value;
    return param === undefined || param === '' ? undefined : canonicalDim(param);
  });
}

/** Files of IR version 1 and 2 say the kind only by the field that is there. */
function attributeTypeOf(proto: Message<'AttributeProto'>): number | undefined {
  if (proto.f !== undefined) return ATTRIBUTE_TYPE.float;
  if (proto.i !== undefined) return ATTRIBUTE_TYPE.int;
  if (proto.s !== undefined) return ATTRIBUTE_TYPE.string;
  if (proto.t !== undefined) return ATTRIBUTE_TYPE.tensor;
  if (proto.g !== undefined) return ATTRIBUTE_TYPE.graph;
  if (proto.floats) return ATTRIBUTE_TYPE.floats;
  if (proto.ints) return ATTRIBUTE_TYPE.ints;
  return proto.strings ? ATTRIBUTE_TYPE.strings : undefined;
}
