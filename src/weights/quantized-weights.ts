import { join } from 'node:path';
import { type Failure, usageFailure } from '../util/failure.js';

/** The fields in which transformers, and compressed-tensors before it, say that the weights are no floats of their own. */
const FIELDS = ['quantization_config', 'compression_config'] as const;

/**
 * Why a checkpoint whose config.json says that it is quantised (GPTQ, AWQ, bitsandbytes, fp8 ...) cannot be exported: its weights are
 * packed in a layout of their method. undefined for one that is not. Failure: 'weights-quantized'.
 * Source: transformers, utils/quantization_config.py.
 */
export function weightsQuantized(folder: string, configJson: Readonly<Record<string, unknown>>): Failure | undefined {
  const field = FIELDS.find(name => typeof configJson[name] === 'object' && configJson[name] !== null);
  if (field === undefined) return undefined;
  const settings = configJson[field] as Readonly<Record<string, unknown>>;
  const bits = bitsOf(settings);
  return usageFailure('weights-quantized', "the checkpoint's weights are quantised already", {
    where: join(folder, 'config.json'),
    expected: 'weights as they were trained: float32, float16 or bfloat16',
    found: `${field} with quant_method ${methodOf(settings)}${bits === undefined ? '' : `, ${bits} bits`}`,
    fix: `use the checkpoint that it was made from, and let the build quantise it${bits === 4 ? ": precisions: ['int4-weight']" : ''}`,
  });
}

/** bitsandbytes did not write its name at first. */
function methodOf(settings: Readonly<Record<string, unknown>>): string {
  if (typeof settings.quant_method === 'string') return `'${settings.quant_method}'`;
  return 'load_in_4bit' in settings || 'load_in_8bit' in settings ? "'bitsandbytes'" : 'not named';
}

function bitsOf({ bits, load_in_4bit: four, load_in_8bit: eight }: Readonly<Record<string, unknown>>) {
  if (typeof bits === 'number') return bits;
  return four === true ? 4 : eight === true ? 8 : undefined;
}
