import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Source } from '../build/task.js';
import { type SentenceFacts, tasksOf } from '../config/model-checks.js';
import { type Failure, usageFailure } from '../util/failure.js';
import { fail, ok, type Result } from '../util/result.js';
import { openCheckpoint } from '../weights/checkpoint.js';
import { readSentenceModules } from '../weights/sentence-modules.js';
import type { HubOrigin } from './hub-folder.js';
import type { OnnxOrigin } from './onnx-folder.js';

/** A Hugging Face model folder, as far as planning needs it: which files there are, and what config.json says. */
export interface ModelFolder {
  readonly configJson: Readonly<Record<string, unknown>>;
  readonly tokenizerConfigJson?: Readonly<Record<string, unknown>>;
  readonly weightBytes: number;
  /** config.json, the weights, and the modules if there are any: what the export reads. */
  readonly checkpoint: Source;
  readonly config: Source;
  /** No files where the model reads images. */
  readonly tokenizer: Source;
  /** generation_config.json, where there is one. */
  readonly generationConfig?: Source;
  /** preprocessor_config.json of models that hear or see. */
  readonly preprocessorConfig?: Source;
  /** Of a sentence-transformers folder: modules.json and what the modules have. */
  readonly modules?: Source;
  readonly sentence?: SentenceFacts;
  /** Of a folder whose model is an ONNX file already: where it lies in the checkpoint. */
  readonly onnx?: OnnxOrigin;
  /** Of a model on the Hub: what the task has to fetch whose output the checkpoint is. */
  readonly hub?: HubOrigin;
}

/** Files that tokenizers of the Hub consist of; an artefact folder carries those that exist. */
const TOKENIZER_FILES = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.txt',
  'vocab.json',
  'merges.txt',
  'sentencepiece.bpe.model',
  'spiece.model',
  'chat_template.jinja',
];

/** How sentence-transformers prepares texts: prompts, their longest length. They belong to the tokenizer. */
const SENTENCE_FILES = ['sentence_bert_config.json', 'config_sentence_transformers.json'];

/** Files at the top of a model folder that are read beside config.json, the weights and the modules. */
export const METADATA_FILES: readonly string[] = [
  ...TOKENIZER_FILES,
  ...SENTENCE_FILES,
  'generation_config.json',
  'preprocessor_config.json',
];

export function readModelFolder(path: string, tokenizerPath = path): Result<ModelFolder, Failure> {
  const checkpoint = openCheckpoint(path);
  if (!checkpoint.ok) return checkpoint;
  const { folder, configJson, tensors } = checkpoint.value;

  const weightFiles = new Set<string>();
  for (const { data } of tensors.values()) if (data.from === 'file') weightFiles.add(data.file);
  const index = join(folder, 'model.safetensors.index.json');
  const sharded = !weightFiles.has(join(folder, 'model.safetensors'));
  const described = describeFolder(folder, configJson, {
    weightBytes: [...weightFiles].reduce((sum, file) => sum + statSync(file).size, 0),
    tokenizerPath,
  });
  if (!described.ok) return described;
  const { modules } = described.value;
  const moduleFiles = modules?.from === 'files' ? Object.values(modules.files) : [];
  const checkpointFiles = [join(folder, 'config.json'), ...weightFiles, ...(sharded ? [index] : []), ...moduleFiles];
  return ok({ ...described.value, checkpoint: files(folder, checkpointFiles) });
}

/** All of a model folder but its weights, which may be somewhere else. */
export function describeFolder(
  folder: string,
  configJson: ModelFolder['configJson'],
  { weightBytes, tokenizerPath = folder }: { readonly weightBytes: number; readonly tokenizerPath?: string },
): Result<Omit<ModelFolder, 'checkpoint'>, Failure> {
  const modules = readSentenceModules(folder);
  if (!modules.ok) return modules;
  const moduleFiles = modules.value
    ? ['modules.json', ...modules.value.flatMap(module => module.files)].map(name => join(folder, name))
    : [];

  const present = existsSync(tokenizerPath) ? new Set(readdirSync(tokenizerPath)) : new Set<string>();
  const texts = modules.value ? SENTENCE_FILES : [];
  const tokenizerFiles = [...TOKENIZER_FILES, ...texts].filter(name => present.has(name));
  if (!present.has('tokenizer.json') && !tasksOf(configJson).includes('image-classification')) {
    return fail(
      usageFailure('tokenizer-missing', 'the model folder has no tokenizer.json', {
        where: tokenizerPath,
        expected: 'tokenizer.json, the fast tokenizer that save_pretrained writes',
        found: tokenizerFiles.join(', ') || 'no tokenizer file',
        fix: `convert a slow tokenizer once: python -c "from transformers import AutoTokenizer; AutoTokenizer.from_pretrained('${tokenizerPath}').save_pretrained('${tokenizerPath}')"`,
      }),
    );
  }
  const generationConfig = join(folder, 'generation_config.json');
  const preprocessorConfig = join(folder, 'preprocessor_config.json');
  const tokenizerConfigJson = readObject(join(tokenizerPath, 'tokenizer_config.json'));
  return ok({
    configJson,
    ...(tokenizerConfigJson ? { tokenizerConfigJson } : {}),
    weightBytes,
    config: file(join(folder, 'config.json')),
    ...(existsSync(generationConfig) ? { generationConfig: file(generationConfig) } : {}),
    ...(existsSync(preprocessorConfig) ? { preprocessorConfig: file(preprocessorConfig) } : {}),
    tokenizer: files(
      tokenizerPath,
      tokenizerFiles.map(name => join(tokenizerPath, name)),
    ),
    ...(modules.value ? { modules: files(folder, moduleFiles), sentence: sentenceFacts(folder) } : {}),
  });
}

function sentenceFacts(folder: string): SentenceFacts {
  const limit = readObject(join(folder, 'sentence_bert_config.json'))?.max_seq_length;
  return typeof limit === 'number' ? { maxSequence: limit } : {};
}

/** One file as an input. */
export const file = (path: string): Source => ({ from: 'files', files: { '': path } });

/** Files below one folder as an input folder. */
export const files = (folder: string, paths: readonly string[]): Source => ({
  from: 'files',
  files: Object.fromEntries(paths.map(path => [relative(folder, path).split(sep).join('/'), path])),
});

/** undefined when it is absent or not an object: the stages that need it say what is wrong with it. */
function readObject(path: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
