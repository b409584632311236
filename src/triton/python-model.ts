import { prettyJson } from '../util/json.js';
import type { ModelConfig } from './model-config.js';
import { writeModelConfig } from './pbtxt-write.js';
import { MAX_CHARACTERS, type RepositoryFacts, type RepositoryFile, type TokenizerFacts } from './repository.js';

/** "kind" in td.json -> the source of its model.py, which imports td_texts.py. */
const SOURCES = {
  tokenize: 'tokenize.py',
  entities: 'entities.py',
  answers: 'answers.py',
  masks: 'masks.py',
  'zero-shot': 'zero_shot.py',
  generate: 'generate.py',
} as const;

/** What stands beside model.py, for it to import. */
const BESIDE: Readonly<Partial<Record<PythonKind, readonly string[]>>> = { generate: ['td_generation.py'] };

export type PythonKind = keyof typeof SOURCES;

/** A model of the Python backend: model.py does nothing that td.json and config.pbtxt do not say. */
export function pythonModel(
  name: string,
  kind: PythonKind,
  { python, tokenizer }: Pick<RepositoryFacts, 'python' | 'tokenizer'>,
  config: ModelConfig,
  settings: object,
): RepositoryFile[] {
  return [
    { path: `${name}/config.pbtxt`, content: writeModelConfig({ name, backend: 'python', ...config }) },
    { path: `${name}/1/model.py`, content: python[SOURCES[kind]]! },
    ...['td_texts.py', ...(BESIDE[kind] ?? [])].map(file => ({ path: `${name}/1/${file}`, content: python[file]! })),
    { path: `${name}/1/td.json`, content: prettyJson({ kind, ...textSettings(tokenizer), ...settings }) },
    { path: `${name}/1/tokenizer.json`, content: tokenizer.tokenizerJson },
  ];
}

/** What td.json says of texts and tokens, whatever is made of them. */
const textSettings = (tokenizer: TokenizerFacts): object => ({
  max_length: tokenizer.maxLength,
  buckets: tokenizer.buckets,
  max_characters: MAX_CHARACTERS,
  pad_token_id: tokenizer.padTokenId,
  pad_token_type_id: tokenizer.padTokenTypeId,
  padding_side: tokenizer.paddingSide,
  truncation_side: tokenizer.truncationSide,
});
