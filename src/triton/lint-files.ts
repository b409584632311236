import { numbers } from './lint-config.js';
import type { LintFinding, Rule } from './lint-rule.js';
import type { ModelConfig } from './model-config.js';
import { BYTES_PER_ELEMENT } from './names.js';

/** backend -> file of a version, unless default_model_filename says otherwise. */
export const MODEL_FILES: Readonly<Record<string, string>> = {
  python: 'model.py',
  onnxruntime: 'model.onnx',
  tensorrt: 'model.plan',
  openvino: 'model.xml',
  pytorch: 'model.pt',
  vllm: 'model.json',
};

/** What a version must hold: the files by compute capability, and the one for other GPUs, which may be left out where there are such files. */
export function modelFiles(
  { default_model_filename: byDefault, cc_model_filenames: byGpu = {} }: ModelConfig,
  backend: string,
): string[] {
  const files = Object.values(byGpu);
  const other = byDefault || (files.length > 0 ? undefined : MODEL_FILES[backend]);
  return [...new Set([...files, ...(other === undefined ? [] : [other])])];
}

const at = (where: string, message: string): LintFinding => ({ where, message });

/** Files that a configuration refers to. */
export const FILE_RULES: readonly Rule[] = [
  {
    id: 'version',
    *check({ name, versions }) {
      if (versions.length === 0) {
        yield `at least one version must be available under the version policy of model '${name}'`;
      }
    },
  },
  {
    id: 'model-file',
    *check({ name, config, backend, versions, files }) {
      const paths = versions.flatMap(version => modelFiles(config, backend).map(file => `${version}/${file}`));
      for (const path of paths) {
        const exists = [...files.keys()].some(other => other === path || other.startsWith(`${path}/`));
        if (!exists) yield at(path, `unable to find '${path}' for model '${name}'`);
      }
    },
  },
  {
    id: 'compute-capability',
    *check({ config }) {
      for (const [capability, file] of Object.entries(config.cc_model_filenames ?? {})) {
        if (/^[1-9][0-9]*\.[0-9]$/.test(capability)) continue;
        yield `cc_model_filenames has '${capability}', which is no compute capability such as '9.0': no GPU takes '${file}'`;
      }
    },
  },
  {
    id: 'labels',
    *check({ name, config, labels }) {
      for (const { name: output, label_filename: file, dims } of config.output ?? []) {
        if (!file) continue;
        const lines = labels.get(file);
        const columns = numbers(dims).at(-1);
        if (lines === undefined) yield at(file, `label file of output '${output}' in model '${name}' is missing`);
        else if (columns !== undefined && columns > 0 && lines !== columns) {
          yield at(file, `output '${output}' in model '${name}' has ${columns} columns, but ${lines} labels`);
        }
      }
    },
  },
  {
    id: 'warmup-shape',
    *check({ name, config }) {
      const known = new Map((config.input ?? []).map(input => [input.name!, input]));
      const max = Math.max(1, config.max_batch_size ?? 0);
      for (const { name: sample, batch_size: batch = 0, inputs = {} } of config.model_warmup ?? []) {
        if (batch < 1 || batch > max) {
          yield `warmup sample '${sample}' of model '${name}' has batch_size ${batch}: must be in range [1, ${max}]`;
        }
        for (const [input, { data_type: type, dims }] of Object.entries(inputs)) {
          const declared = known.get(input);
          const wanted = numbers(declared?.dims);
          const given = numbers(dims);
          if (declared === undefined) {
            yield `warmup sample '${sample}' of model '${name}' has an unexpected input '${input}'`;
          } else if (given.includes(-1)) {
            yield `warmup setting expects all variable-size dimensions are specified for input '${input}'`;
          } else if (type !== declared.data_type) {
            yield `warmup sample '${sample}': input '${input}' is ${type}, but the model expects ${declared.data_type}`;
          } else if (wanted.length !== given.length || wanted.some((dim, i) => dim !== -1 && dim !== given[i])) {
            yield `warmup sample '${sample}': input '${input}' is [${given}], but the model expects [${wanted}]`;
          }
        }
        for (const [input, { optional }] of known) {
          if (!optional && inputs[input] === undefined) {
            yield `warmup sample '${sample}' of model '${name}' is missing input '${input}'`;
          }
        }
      }
    },
  },
  {
    id: 'warmup-data',
    *check({ config, files }) {
      for (const { inputs = {} } of config.model_warmup ?? []) {
        for (const [input, { zero_data, random_data, input_data_file: file, data_type: type, dims }] of Object.entries(
          inputs,
        )) {
          if (input === 'attention_mask' && (zero_data || random_data)) {
            yield `warmup input 'attention_mask' must come from a file: a mask of zeros hides every token`;
          }
          if (file === undefined) {
            if (zero_data === undefined && random_data === undefined) {
              yield `warmup setting expects input '${input}' to have input_data_type set`;
            }
            continue;
          }
          const path = `warmup/${file}`;
          const size = files.get(path);
          const width = BYTES_PER_ELEMENT[type ?? 'TYPE_INVALID'];
          const expected = width === undefined ? size : numbers(dims).reduce((a, b) => a * b, width);
          if (size === undefined) yield at(path, `failed to open the data file of warmup input '${input}'`);
          else if (size !== expected) {
            yield at(
              path,
              `warmup setting expects ${expected} bytes, but the data provided from ${file} has ${size} bytes`,
            );
          }
        }
      }
    },
  },
];
