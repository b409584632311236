/** A dense tensor as trtexec reads and writes it. `data` is row-major. */
export type EngineTensor =
  | { readonly dtype: 'int64'; readonly shape: readonly number[]; readonly data: BigInt64Array }
  | { readonly dtype: 'int32'; readonly shape: readonly number[]; readonly data: Int32Array }
  | { readonly dtype: 'float32'; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly dtype: 'bool'; readonly shape: readonly number[]; readonly data: Uint8Array };

export type EngineTensors = Readonly<Record<string, EngineTensor>>;

/** Raw values for `--loadInputs`, little-endian. TensorRT before 10 takes int64 as int32. */
export function rawInput({ dtype, data }: EngineTensor, engineDtype: string): Uint8Array {
  if (dtype === 'int64' && engineDtype === 'int32') return bytesOf(Int32Array.from(data, Number));
  return bytesOf(data);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

const OUTPUT = /"name" : "([^"]*)"\s*,\s*"dimensions" : "([^"]*)"\s*,\s*"values" : \[([^\]]*)\]/g;

/**
 * Reads what `--exportOutput` writes. It looks like JSON, and is none where a value is nan or inf. Floating-point values have six
 * significant digits. undefined: the text is not of that form.
 */
export function parseOutputs(text: string, dtypes: Readonly<Record<string, string>>): EngineTensors | undefined {
  const outputs: Record<string, EngineTensor> = {};
  for (const [, name = '', dimensions = '', values = ''] of text.matchAll(OUTPUT)) {
    const shape = dimensions === '' ? [] : dimensions.split('x').map(Number);
    const count = shape.reduce((product, size) => product * size, 1);
    const words = values.trim() === '' ? [] : values.split(',');
    if (words.length !== count) return undefined;
    outputs[name] = tensorOf(dtypes[name] ?? 'float32', shape, words);
  }
  return Object.keys(outputs).length > 0 ? outputs : undefined;
}

function tensorOf(dtype: string, shape: readonly number[], words: readonly string[]): EngineTensor {
  switch (dtype) {
    case 'int64':
      return { dtype, shape, data: BigInt64Array.from(words, word => BigInt(word.trim())) };
    case 'int32':
      return { dtype, shape, data: Int32Array.from(words, Number) };
    case 'bool':
      return { dtype, shape, data: Uint8Array.from(words, Number) };
    default:
      return { dtype: 'float32', shape, data: Float32Array.from(words, floatOf) };
  }
}

/** As C++ streams write them: 'nan', '-nan', 'inf', '-inf'. */
function floatOf(word: string): number {
  const text = word.trim();
  if (text.endsWith('inf')) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}
