import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { tokenize } from '../../src/serve/kinds/tokenize.js';
import { serveError } from '../../src/serve/model.js';
import { readModelConfig } from '../../src/triton/pbtxt-read.js';
import { EXAMPLE, runStage } from '../triton/intents.js';

const PYTHON = process.env.TD_PYTHON ?? 'python3';
const HERE = fileURLToPath(new URL('../triton/python', import.meta.url));
const hasNumpy = spawnSync(PYTHON, ['-c', 'import numpy']).status === 0;

const EVALUATION = readFileSync(join(EXAMPLE, '../data/eval.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map(line => (JSON.parse(line) as { text: string }).text);

/** Texts of one request each: good ones of all lengths, and what must be refused. */
const REQUESTS: readonly (readonly (string | Uint8Array)[])[] = [
  ...EVALUATION.slice(0, 100).map(text => [text]),
  EVALUATION.slice(100, 108),
  [''],
  ['refund '.repeat(300), 'pls'],
  ['fine', Uint8Array.of(0x61, 0xff, 0xfe)],
  [Uint8Array.of(0xe2, 0x82)],
  ['é'.repeat(100_001)],
  ['\ufeffrefund'],
];

interface PythonAnswer {
  readonly error?: string;
  readonly code?: string;
  readonly [output: string]: unknown;
}

describe.skipIf(!hasNumpy)(`tokenize beside model.py${hasNumpy ? '' : ` (${PYTHON} has no numpy: skipped)`}`, () => {
  test('the same tensors and the same refusals', async () => {
    const { repository, result } = await runStage();
    expect(result.ok).toBe(true);
    const folder = join(repository, 'intents-tokenize');
    const config = readModelConfig(readFileSync(join(folder, 'config.pbtxt'), 'utf8'));
    if (!config.ok) throw new Error(config.error.message);
    const version = join(folder, '1');
    const base64 = (text: string | Uint8Array) => Buffer.from(text as string).toString('base64');
    const input = [
      {
        model: version,
        config: config.value,
        calls: [REQUESTS.map(texts => ({ inputs: { TEXT: texts.map(base64) }, parameters: {} }))],
        refused: [],
        networks: {},
      },
    ];
    const { status, stdout, stderr } = spawnSync(PYTHON, [join(HERE, 'drive_model.py')], {
      input: JSON.stringify(input),
      env: { ...process.env, PYTHONPATH: [join(HERE, 'tokenizers_stand_in'), HERE].join(':') },
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    if (status !== 0) throw new Error(stderr);
    const [{ responses }] = JSON.parse(stdout) as [{ responses: [PythonAnswer[]] }];

    const settings = JSON.parse(readFileSync(join(version, 'td.json'), 'utf8')) as Record<string, unknown>;
    expect(settings.kind).toBe('tokenize');
    const model = await tokenize({ versionFolder: version, config: config.value, settings });
    if (!model.ok) throw new Error(JSON.stringify(model.error));
    const { signal } = new AbortController();
    const requests = REQUESTS.map(texts => ({
      parameters: {},
      inputs: [
        {
          name: 'TEXT',
          datatype: 'BYTES' as const,
          shape: [texts.length, 1],
          data: texts.map(text => Buffer.from(text as string)),
        },
      ],
      outputs: [],
      signal,
    }));
    const call = async () => ({ ok: false as const, error: serveError('INTERNAL', 'alone') });
    const answers = await model.value.execute!(requests, { call });
    const shown = answers.map(answer => {
      if (!answer.ok) return { error: answer.error.message, code: answer.error.status };
      return Object.fromEntries(
        answer.value.outputs.map(({ name, datatype, shape: [rows, length], data }) => {
          const numbers = Array.from(data as BigInt64Array, Number);
          const table = Array.from({ length: rows! }, (_, row) => numbers.slice(row * length!, (row + 1) * length!));
          return [name, { dtype: datatype.toLowerCase(), data: table }];
        }),
      );
    });
    expect(shown.filter(answer => 'error' in answer)).toHaveLength(3);
    expect(shown).toEqual(responses[0]);
  });
});
