import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ModelMetadata, TensorMetadata } from '../client/messages.js';
import type { InputTensor, Nested } from '../client/tensors.js';
import { elementsOf, isDatatype } from '../kserve/datatypes.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { isObject, type Json } from '../util/json.js';
import { nearest } from '../util/nearest.js';
import { fail, ok, type Result } from '../util/result.js';
import type { Arguments, Options } from './arguments.js';

type Inputs = Readonly<Record<string, InputTensor>>;

export const INPUT_OPTIONS: Options = {
  text: { type: 'string', multiple: true, placeholder: 'TEXT', help: "a row of the model's first input of strings" },
  input: { type: 'string', multiple: true, placeholder: 'NAME=VALUE', help: 'an input: JSON, or a text' },
  data: { type: 'string', placeholder: 'FILE', help: 'inputs as JSON: a request of the protocol, or {"NAME": [...]}' },
};

/** The inputs that `INPUT_OPTIONS` give; those of the command line before those of the file. */
export async function readInputs(
  metadata: ModelMetadata,
  given: Arguments,
  cwd: string,
): Promise<Result<Inputs, Failure>> {
  const words = inputsFromWords(metadata, given.verbatim('text'), given.verbatim('input'));
  const file = given.text('data');
  if (!words.ok || file === undefined) return words;
  const data = await readJson(resolve(cwd, file));
  if (!data.ok) return data;
  const inputs = inputsFromJson(metadata, data.value, file);
  return inputs.ok ? ok({ ...inputs.value, ...words.value }) : inputs;
}

/**
 * What a user wrote, as tensors of the types and shapes that the model wants.
 * @param texts for the model's first input of strings, one a row
 * @param values 'NAME=VALUE': JSON, or a text where the input has strings
 */
function inputsFromWords(
  metadata: ModelMetadata,
  texts: readonly string[],
  values: readonly string[],
): Result<Inputs, Failure> {
  const inputs: Record<string, InputTensor> = {};
  if (texts.length > 0) {
    const strings = metadata.inputs.find(({ datatype }) => datatype === 'BYTES');
    if (strings === undefined) return fail(noTextInput(metadata));
    inputs[strings.name] = { datatype: 'BYTES', shape: rowsShape(strings, texts.length), data: texts };
  }
  for (const value of values) {
    const [, name = '', text = ''] = /^([^=]*)=(.*)$/s.exec(value) ?? [];
    if (name === '') return fail(usageFailure('invalid-option', `--input ${value} is not NAME=VALUE`));
    const declared = metadata.inputs.find(input => input.name === name);
    if (declared === undefined) return fail(unknownInput(name, metadata));
    const input = inputFrom(declared, jsonOr(text), '--input');
    if (!input.ok) return input;
    inputs[name] = input.value;
  }
  return ok(inputs);
}

/** The contents of a data file: a request as the protocol has it (`inputs`), or an object of inputs by name. */
function inputsFromJson(metadata: ModelMetadata, json: Json, file: string): Result<Inputs, Failure> {
  if (!isObject(json)) {
    return fail(
      usageFailure('data-invalid', 'the data are no JSON object', {
        where: file,
        expected: '{"inputs": [...]}, or {"NAME": [...]}',
      }),
    );
  }
  if (Array.isArray(json.inputs)) return requestInputs(json.inputs, file);
  const inputs: Record<string, InputTensor> = {};
  for (const [name, value] of Object.entries(json)) {
    const declared = metadata.inputs.find(input => input.name === name);
    if (declared === undefined) return fail(unknownInput(name, metadata));
    const input = inputFrom(declared, value, file);
    if (!input.ok) return input;
    inputs[name] = input.value;
  }
  return ok(inputs);
}

function requestInputs(listed: readonly Json[], file: string): Result<Inputs, Failure> {
  const inputs: Record<string, InputTensor> = {};
  for (const entry of listed) {
    if (!isObject(entry) || typeof entry.name !== 'string' || !isDatatype(entry.datatype) || entry.data === undefined) {
      return fail(
        usageFailure('data-invalid', 'an input needs a name, a datatype, a shape and data', {
          where: file,
          found: JSON.stringify(entry).slice(0, 100),
        }),
      );
    }
    const { name, datatype, shape, data } = entry;
    inputs[name] = {
      datatype,
      data: data as Nested,
      ...(Array.isArray(shape) ? { shape: shape as readonly number[] } : {}),
    };
  }
  return ok(inputs);
}

function inputFrom(
  { name, datatype, shape }: TensorMetadata,
  value: Json,
  where: string,
): Result<InputTensor, Failure> {
  if (!isDatatype(datatype)) {
    return fail(
      usageFailure('datatype-unknown', `input '${name}' is of a type that the protocol does not have`, {
        where,
        found: datatype,
      }),
    );
  }
  const data = (datatype === 'BYTES' ? withStrings(value) : value) as Nested;
  const given = nestedShape(data);
  // A single value, or a list for a model that wants rows of one, is meant as such.
  const wanted = given.length < shape.length ? paddedShape(shape, elementsOf(given)) : undefined;
  return ok({ datatype, data, ...(wanted ? { shape: wanted } : {}) });
}

/** [3, 1] where three elements are given for [-1, 1]: the last open dimension takes them, the others are 1. */
function paddedShape(shape: readonly number[], elements: number): readonly number[] | undefined {
  const fixed = elementsOf(shape.filter(dim => dim >= 0));
  const open = shape.findLastIndex(dim => dim < 0);
  if (fixed === 0 || elements % fixed !== 0) return undefined;
  return shape.map((dim, index) => (index === open ? elements / fixed : dim < 0 ? 1 : dim));
}

const rowsShape = ({ shape }: TensorMetadata, rows: number): readonly number[] =>
  shape.length <= 1 ? [rows] : [rows, ...shape.slice(1).map(() => 1)];

function nestedShape(data: Nested): readonly number[] {
  return Array.isArray(data) ? [data.length, ...(data.length > 0 ? nestedShape(data[0] as Nested) : [])] : [];
}

/** Numbers and objects that stand for texts are their JSON. */
function withStrings(value: Json): Json {
  if (Array.isArray(value)) return value.map(withStrings);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function jsonOr(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

const namesOf = ({ inputs }: ModelMetadata): string =>
  inputs.map(({ name, datatype, shape }) => `${name} ${datatype} [${shape.join(', ')}]`).join(', ');

const noTextInput = (metadata: ModelMetadata): Failure =>
  usageFailure('text-not-taken', `the model '${metadata.name}' takes no text`, {
    where: '--text',
    expected: namesOf(metadata),
    fix: '--input NAME=VALUE, or --data FILE.json',
  });

function unknownInput(name: string, metadata: ModelMetadata): Failure {
  const meant = nearest(
    name,
    metadata.inputs.map(input => input.name),
  );
  return usageFailure('input-unknown', `the model '${metadata.name}' has no input '${name}'`, {
    expected: namesOf(metadata),
    ...(meant === undefined ? {} : { fix: `did you mean '${meant}'?` }),
  });
}

async function readJson(path: string): Promise<Result<Json, Failure>> {
  try {
    return ok(JSON.parse(await readFile(path, 'utf8')) as Json);
  } catch (error) {
    return fail(
      usageFailure('data-unreadable', 'the data cannot be read', {
        where: path,
        expected: 'a file of JSON',
        found: error instanceof Error ? error.message : String(error),
      }),
    );
  }
}
