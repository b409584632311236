import type { Graph, Input, Output } from '../graph/graph.js';
import type { Dim, DType } from '../graph/tensor.js';
import { formatType } from '../graph/type-text.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import {
  type Convention,
  conventionOf,
  fitsDType,
  IMPORTED_TASKS,
  type InputSpec,
  type OutputSpec,
  type Wanted,
} from './conventions.js';

/** What an input or output of a model that others made is called by the Hub's convention. */
export type Renamed = {
  /** The convention's. */
  readonly name: string;
  /** The model's own. */
  readonly given: string;
};

export type RenamedInput = Renamed & {
  /** The model's own; int32 becomes int64. */
  readonly dtype: DType;
  /** With the lengths by the names of the convention. */
  readonly shape: readonly Dim[];
};

/** How the inputs and outputs of a model that others made become those of the Hub's convention. */
export type ModelInterface = {
  readonly inputs: readonly RenamedInput[];
  readonly outputs: readonly Renamed[];
  /** Outputs that the task does not read; they are not computed any more. */
  readonly dropped: readonly string[];
};

/** The interface of a graph. Failures: 'onnx-task', 'onnx-inputs', 'onnx-outputs', 'onnx-fixed-shape'. */
export function interfaceOf(graph: Graph, wanted: Wanted, where: string): Result<ModelInterface, Failure> {
  const { task, labels } = wanted;
  const convention = conventionOf(wanted, graph);
  if (convention === undefined) return fail(taskNotImported(task, where));
  const inputs = inputsOf(graph.inputs, convention, where);
  if (!inputs.ok) return inputs;
  const outputs = outputsOf(graph.outputs, convention.outputs, labels, { task, where });
  if (!outputs.ok) return outputs;
  const kept = new Set(outputs.value.map(({ given }) => given));
  const dropped = graph.outputs.map(({ name }) => name).filter(name => !kept.has(name));
  return ok({ inputs: inputs.value, outputs: outputs.value, dropped });
}

const taskNotImported = (task: string, where: string): Failure =>
  usageFailure('onnx-task', `an ONNX file cannot be the source of ${task}`, {
    where,
    expected: `one of ${IMPORTED_TASKS.join(', ')}`,
    fix: 'build it from the checkpoint: a folder with safetensors',
  });

/** 'Input_Ids:0' is input_ids; so is 'input_ids.1', which the TorchScript exporter makes of a name that is taken. */
const plain = (name: string): string => name.toLowerCase().replace(/[:.]\d+$/, '');

function inputsOf(
  given: readonly Input[],
  { takes, expected, fix, inputs: specs }: Convention,
  where: string,
): Result<readonly RenamedInput[], Failure> {
  const problem = (found: string) =>
    fail(
      usageFailure('onnx-inputs', `the inputs of the model are not those of ${takes}`, { where, expected, found, fix }),
    );
  const listed = given.map(({ name }) => `'${name}'`).join(', ');
  const inputs: RenamedInput[] = [];
  for (const input of given) {
    const spec = specs.find(({ name, also = [] }) => [name, ...also].includes(plain(input.name)));
    if (spec === undefined || inputs.some(({ name }) => name === spec.name)) return problem(listed);
    const shape = shapeOf(input, spec);
    if (shape === undefined) return problem(`'${input.name}' is ${formatType(input.type)}, not ${described(spec)}`);
    if (shape === 'fixed') return fail(fixedShape(input, spec, where));
    inputs.push({ name: spec.name, given: input.name, dtype: input.type.dtype, shape });
  }
  const missing = specs.find(({ name, optional }) => !optional && !inputs.some(input => input.name === name));
  return missing === undefined ? ok(inputs) : problem(`no ${missing.name}: ${listed || 'no inputs'}`);
}

/** The input's shape by the convention; undefined where it is another, 'fixed' where a length is a number that must be open. */
function shapeOf({ type: { dtype, shape } }: Input, spec: InputSpec): readonly Dim[] | 'fixed' | undefined {
  if (!fitsDType(spec.dtype, dtype) || shape.length !== spec.shape.length) return undefined;
  const dims: Dim[] = [];
  let isFixed = false;
  for (const [axis, wanted] of spec.shape.entries()) {
    const dim = shape[axis]!;
    if (wanted === 'any number' ? typeof dim === 'string' : typeof wanted === 'number' && !fits(dim, wanted)) {
      return undefined;
    }
    if (wanted !== 'any number' && typeof wanted === 'string' && typeof dim === 'number') isFixed = true;
    dims.push(wanted === 'any number' ? dim : wanted);
  }
  return isFixed ? 'fixed' : dims;
}

const fits = (dim: Dim, wanted: number): boolean => typeof dim === 'string' || dim === wanted;

const described = ({ dtype, shape }: InputSpec): string => `${dtype}[${shape.join(', ')}]`;

const fixedShape = ({ name, type }: Input, spec: InputSpec, where: string): Failure => {
  const open = spec.shape.filter(dim => typeof dim === 'string' && dim !== 'any number');
  return usageFailure('onnx-fixed-shape', 'the model was exported for one size only', {
    where: `${where}, input '${name}'`,
    expected: `[${spec.shape.join(', ')}], ${open.length === 2 ? 'both' : open.join(', ')} open`,
    found: `[${type.shape.join(', ')}]`,
    fix: 'export it again with dynamic axes: dynamic_axes of torch.onnx.export, or dynamic_shapes with dynamo',
  });
};

function outputsOf(
  given: readonly Output[],
  specs: readonly OutputSpec[],
  labels: number | undefined,
  { task, where }: { readonly task: string; readonly where: string },
): Result<readonly Renamed[], Failure> {
  const problem = (found: string) =>
    fail(
      usageFailure('onnx-outputs', `the outputs of the model are not those of ${task}`, {
        where,
        expected: specs
          .filter(({ optional }) => !optional)
          .map(({ name, rank }) => `${name} of ${rank} axes`)
          .join(', '),
        found,
        fix: 'name the task that the model was exported for, or export it again with this head',
      }),
    );
  const described = given.map(({ name, value }) => `'${name}' ${formatType(value.type)}`).join(', ');
  const renamed: Renamed[] = [];
  for (const { name, rank, optional, also = [], labels: perLabel } of specs) {
    const fits = (output: Output): boolean => output.value.type.shape.length === rank;
    const output =
      given.find(own => own.name === name) ??
      onlyOf(given.filter(own => fits(own) && [name, ...also].includes(plain(own.name)))) ??
      (given.length === 1 && specs.length === 1 ? given[0] : undefined);
    if (output === undefined && optional) continue;
    if (output === undefined || !fits(output)) return problem(described);
    const { dtype, shape } = output.value.type;
    if (dtype !== 'float32') return problem(`'${output.name}' in ${dtype}, not float32`);
    const width = shape.at(-1)!;
    if (perLabel && labels !== undefined && typeof width === 'number' && width !== labels) {
      return problem(`${width} classes in '${output.name}', and ${labels} in config.json`);
    }
    renamed.push({ name, given: output.name });
  }
  return ok(renamed);
}

const onlyOf = <T>(items: readonly T[]): T | undefined => (items.length === 1 ? items[0] : undefined);
