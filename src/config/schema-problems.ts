import { nearest } from '../util/nearest.js';
import type { ConfigPath, Problem } from './problem.js';
import { validate } from './validator.generated.js';

/** What the generated validator says of one violation (ajv's error object, verbose). */
interface Violation {
  readonly keyword: string;
  /** JSON pointer to the value. */
  readonly instancePath: string;
  readonly params: {
    readonly additionalProperty?: string;
    readonly missingProperty?: string;
    readonly allowedValues?: readonly (string | number)[];
    readonly limit?: number;
    readonly i?: number;
    readonly j?: number;
  };
  readonly parentSchema: Schema;
  readonly data: unknown;
  /** Set when the name of a property is at fault. */
  readonly propertyName?: string;
}

interface Schema {
  readonly title: string;
  readonly type?: string | readonly string[];
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly patternErrorMessage?: string;
  /** Holds a secret: what stands there is not repeated. */
  readonly writeOnly?: boolean;
}

/** Keys that are easily put one level too high. */
const PLACES: Readonly<Record<string, string>> = {
  batch: 'shapes',
  sequence: 'shapes',
  metric: 'evaluation',
  maxDrop: 'evaluation',
  method: 'calibration',
  smoothing: 'quantization',
  exclude: 'quantization',
  blockSize: 'quantization',
  reduceRange: 'quantization',
  maxBatchSize: 'triton',
  dynamicBatching: 'triton',
};

const IN_MODEL = 'remove it: the precision is written into the model, as precisions says';
const NO_GRAPHS = 'remove it: a captured graph has one shape and one place in memory, and requests bring others';

/** Options of ONNX Runtime that are left out on purpose, where the nearest name would mislead. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  trt_fp16_enable: IN_MODEL,
  trt_bf16_enable: IN_MODEL,
  trt_int8_enable: IN_MODEL,
  trt_int8_calibration_table_name: IN_MODEL,
  trt_int8_use_native_calibration_table: IN_MODEL,
  trt_layer_norm_fp32_fallback: IN_MODEL,
  trt_cuda_graph_enable: NO_GRAPHS,
  enable_cuda_graph: NO_GRAPHS,
  device_id: 'remove it: triton.instances.gpus says which GPUs the server uses',
};

/** What other tools call our words, where the nearest spelling would mislead. */
const SYNONYMS: Readonly<Record<string, string>> = {
  gpu: 'cuda',
  ort: 'onnxruntime',
  onnx: 'onnxruntime',
  trt: 'tensorrt',
  float32: 'fp32',
  float16: 'fp16',
  half: 'fp16',
  bfloat16: 'bf16',
  float8: 'fp8',
  int4: 'int4-weight',
  dynamic: 'int8-dynamic',
};

/** Everything in which `config` departs from deploy.config.schema.json, one sentence each. */
export function schemaProblems(config: unknown): Problem[] {
  const check: ((value: unknown) => boolean) & { errors?: readonly Violation[] } = validate;
  if (check(config)) return [];
  const violations = check.errors!;
  const mistyped = new Set(
    violations.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath),
  );
  return violations
    .filter(({ keyword, instancePath }) => keyword === 'type' || !mistyped.has(instancePath))
    .filter(({ keyword }) => keyword !== 'propertyNames') // its pattern is reported on its own
    .map(violation => describe(violation, pathOf(violation.instancePath, config)));
}

function describe(violation: Violation, path: ConfigPath): Problem {
  const { params, parentSchema: schema, data } = violation;
  const found = schema.writeOnly ? kindOf(data) : textOf(data);
  const limit = params.limit;
  switch (violation.keyword) {
    case 'additionalProperties': {
      const key = params.additionalProperty!;
      const known = Object.keys(schema.properties ?? {}).filter(name => name !== '$schema');
      const meant = nearest(key, known);
      const place = PLACES[key];
      return {
        path: [...path, key],
        at: 'key',
        message: `unknown key '${key}'`,
        expected: `one of ${known.join(', ')}`,
        fix:
          LEFT_OUT[key] ??
          (place && known.includes(place) ? `put it into ${place}` : meant ? `did you mean '${meant}'?` : 'remove it'),
      };
    }
    case 'required': {
      const key = params.missingProperty!;
      const example = schema.properties?.[key]?.examples?.[0];
      return { path, at: 'value', message: `'${key}' is missing`, fix: `add ${key}: ${literal(example)}` };
    }
    case 'type': {
      const types = [schema.type ?? []].flat();
      const example = schema.examples?.[0];
      return {
        path,
        at: 'value',
        message: 'wrong type',
        expected: types.map(type => KINDS[type] ?? type).join(' or '),
        found:
          schema.writeOnly || typeof data === 'object' || typeof data === 'function'
            ? kindOf(data)
            : `${textOf(data)} (${kindOf(data)})`,
        ...(example === undefined ? {} : { fix: `for instance ${literal(example)}` }),
      };
    }
    case 'enum': {
      const allowed = params.allowedValues!.map(String);
      const word = String(data).toLowerCase();
      const synonym = SYNONYMS[word];
      const meant = synonym && allowed.includes(synonym) ? synonym : nearest(word, allowed);
      return {
        path,
        at: 'value',
        message: `unknown ${schema.title.toLowerCase()} ${found}`,
        expected: `one of ${allowed.join(', ')}`,
        ...(meant ? { fix: `did you mean '${meant}'?` } : {}),
      };
    }
    case 'pattern': {
      const expected = schema.patternErrorMessage ?? 'another form';
      if (violation.propertyName === undefined) return { path, at: 'value', message: 'invalid value', expected, found };
      const name = violation.propertyName;
      return { path: [...path, name], at: 'key', message: `invalid name '${name}'`, expected };
    }
    case 'minimum':
      return { path, at: 'value', message: 'too small', expected: `at least ${limit}`, found };
    case 'exclusiveMinimum':
      return { path, at: 'value', message: 'too small', expected: `more than ${limit}`, found };
    case 'maximum':
      return { path, at: 'value', message: 'too large', expected: `at most ${limit}`, found };
    case 'minItems':
    case 'maxItems': {
      const exact = schema.minItems === schema.maxItems;
      return {
        path,
        at: 'value',
        message: violation.keyword === 'minItems' ? 'too few items' : 'too many items',
        expected: exact ? `exactly ${limit}` : `at ${violation.keyword === 'minItems' ? 'least' : 'most'} ${limit}`,
        found,
      };
    }
    case 'minProperties':
      return { path, at: 'value', message: 'empty', expected: `at least ${limit} entry` };
    case 'uniqueItems':
      return {
        path: [...path, Math.max(params.i!, params.j!)],
        at: 'value',
        message: `${textOf((data as readonly unknown[])[params.i!])} stands twice`,
        fix: 'remove one of them',
      };
    default:
      throw new Error(`the schema uses a keyword without a message: ${violation.keyword}`);
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
};

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** A value as far as it fits on a line. */
function textOf(value: unknown): string {
  const text = literal(value);
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

/** As one would write it in TypeScript. Objects without their contents unless they are ours: they could be anything. */
function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).map(
    ([key, member]) => `${/^\w+$/.test(key) ? key : `'${key}'`}: ${literal(member)}`,
  );
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

/** '/models/my~1model/shapes/batch/1' -> ['models', 'my/model', 'shapes', 'batch', 1]. */
function pathOf(pointer: string, root: unknown): ConfigPath {
  let value = root as Readonly<Record<string, unknown>>;
  return pointer
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map(key => {
      const step = Array.isArray(value) ? Number(key) : key;
      value = value[key] as Readonly<Record<string, unknown>>;
      return step;
    });
}
