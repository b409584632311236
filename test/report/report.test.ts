import { describe, expect, test } from 'vitest';
import type { Choice } from '../../src/choice/choice.js';
import { reportHtml } from '../../src/report/html.js';
import { reportMarkdown } from '../../src/report/markdown.js';
import {
  calibrationText,
  differenceText,
  dropText,
  metricText,
  millisecondsText,
  type ReportedArtefact,
  speedWarnings,
} from '../../src/report/report.js';
import { artefact, REPORT } from './fixture.js';

const plainSpaces = (text: string): string => text.replaceAll('\u00a0', ' ');

describe('words and figures', () => {
  const [fp32, int8] = REPORT.models[0]!.artefacts as [ReportedArtefact, ReportedArtefact];

  test('metric with its interval, and what was lost', () => {
    expect([metricText(int8), dropText(int8), dropText(fp32)].map(text => plainSpaces(text!))).toEqual([
      '90.2 % (87.3 to 92.5)',
      '−0.4 points',
      'none',
    ]);
  });

  test('differences of float32 are written with an exponent, those of int8 are not', () => {
    expect([differenceText(fp32), differenceText(int8)]).toEqual(['1.4e-6', '0.029']);
  });

  test.each([
    [0.254, '0.25'],
    [12.34, '12.3'],
    [1234.5, '1235'],
  ])('%d ms: %s', (value, text) => expect(millisecondsText(value)).toBe(text));
});

test('the texts of a calibration, and a warning where they are not the user’s', async () => {
  expect(calibrationText({ source: 'calibration', used: 1, tokens: 20 })).toBe(
    'Calibrated on 1 text of the calibration data, 20 tokens.',
  );
  const calibration = {
    source: 'synthetic',
    used: 256,
    tokens: 4100,
    warning: 'real texts may <reach> further',
  } as const;
  const report = { ...REPORT, models: [{ ...REPORT.models[0]!, calibration }] };
  const line = 'Calibrated on 256 texts of random words, 4100 tokens. Warning: real texts may <reach> further.';
  expect(reportMarkdown(report)).toContain(`\n\n${line}\n\n### Latency`);
  expect(await reportHtml(report)).toContain(`<p>${line.replace('<', '&#60;').replace('>', '&#62;')}</p>`);
});

test('of an encoder-decoder, how many of the tokens that it writes are the export’s', async () => {
  const [fp32, int8] = REPORT.models[0]!.artefacts as [ReportedArtefact, ReportedArtefact];
  const writing = { texts: 6, tokens: 80, equal: 72 };
  const artefacts = [fp32, { ...int8, validation: { ...int8.validation!, writing } }];
  const report = { ...REPORT, models: [{ ...REPORT.models[0]!, artefacts }] };
  expect(plainSpaces(reportMarkdown(report))).toMatch(
    /\| largest difference \| equal tokens \| .*\n.*\n.*\n.* 0\.029 +\| 90\.0 % of 80 \|/,
  );
  expect(reportMarkdown(REPORT)).not.toContain('equal tokens');
  expect(plainSpaces(await reportHtml(report))).toMatch(/equal tokens<\/\w+>\s*<\w+>90\.0 % of 80</);
});

test('Markdown: one row for each artefact, columns that line up', () => {
  expect(plainSpaces(reportMarkdown(REPORT))).toBe(`# Build report

## intents

Task: text-classification

| artefact                   | verdict | accuracy (95 %)       | change from the export | largest difference | integer products | size   | peak memory |
| -------------------------- | ------- | --------------------- | ---------------------- | ------------------ | ---------------- | ------ | ----------- |
| \`intents/cpu/fp32\`         | valid   | 90.6 % (87.3 to 92.5) | none                   | 1.4e-6             |                  | 5.4 MB | 110 MB      |
| \`intents/cpu/int8-dynamic\` | valid   | 90.2 % (87.3 to 92.5) | −0.4 points            | 0.029              | 25 of 25         | 3 MB   | 110 MB      |

### Latency

| artefact                   | batch × tokens | median ms (95 %)    | p95  | p99  | sd   | texts/s | speed-up |
| -------------------------- | -------------- | ------------------- | ---- | ---- | ---- | ------- | -------- |
| \`intents/cpu/fp32\`         | 1 × 16         | 0.50 (0.45 to 0.55) | 0.75 | 1.00 | 0.10 | 2000    |          |
| \`intents/cpu/int8-dynamic\` | 1 × 16         | 0.25 (0.23 to 0.28) | 0.38 | 0.50 | 0.10 | 4000    | 2.00 ×   |

Some <CPU> & Co, 2 cores, avx2, 2 threads, ONNX Runtime 1.30.0, Node.js 20.20.2, Linux 6.1

Warning: the machine was busy
`);
});

describe('the page', () => {
  test('is self-contained: no script, nothing from elsewhere, every colour it uses is defined', async () => {
    const html = await reportHtml(REPORT);
    expect(html).not.toMatch(/<script|<link|@import|\bsrc=/);
    const references = [...html.matchAll(/(?:href|url)\s*[=(]\s*['"]?([^'")\s>]+)/g)].map(match => match[1]);
    expect(references.filter(reference => !reference!.startsWith('#'))).toEqual([]);
    const defined = new Set([...html.matchAll(/(--[\w-]+):/g)].map(match => match[1]));
    const used = new Set([...html.matchAll(/var\((--[\w-]+)\)/g)].map(match => match[1]));
    expect([...used].filter(name => !defined.has(name))).toEqual([]);
    expect(used.size).toBeGreaterThan(4);
  });

  test('has a drawing for latency, metric and difference, and escapes what it shows', async () => {
    const html = await reportHtml(REPORT);
    expect(html.match(/<svg /g)).toHaveLength(3);
    expect(html).toContain('Some &#60;CPU&#62; &#38; Co');
    expect(html).not.toContain('<CPU>');
  });

  test('the same report gives the same bytes', async () => {
    expect(await reportHtml(REPORT)).toBe(await reportHtml(REPORT));
  });

  test('what was skipped leaves no hole', async () => {
    const { benchmark: _, validation: __, ...bare } = artefact('fp32', 1);
    const html = await reportHtml({ ...REPORT, models: [{ ...REPORT.models[0]!, artefacts: [bare] }] });
    expect(html).toContain('not validated');
    expect(html).not.toMatch(/undefined|NaN|<figure/);
  });
});

describe('a model that generates', () => {
  const generating = (precision: string, perplexity: number, rise: number): ReportedArtefact => {
    const plain = artefact(precision, 0.5);
    const { evaluation } = plain.validation!;
    const [result] = plain.benchmark!.results;
    return {
      ...plain,
      validation: {
        ...plain.validation!,
        evaluation: {
          ...evaluation!,
          metric: 'perplexity',
          artefact: { value: perplexity, interval: [perplexity - 1, perplexity + 1] },
          drop: { value: rise, interval: [rise, rise] },
        },
      },
      benchmark: {
        ...plain.benchmark!,
        results: [
          {
            ...result!,
            decoding: { tokens: 16, runs: 50, millisecondsPerToken: result!.milliseconds, tokensPerSecond: 1234.5 },
          },
        ],
      },
    };
  };

  test('perplexity is a number, not a share, and rises', () => {
    const worse = generating('int8-dynamic', 24.5678, 0.0123);
    expect([metricText(worse), dropText(worse)].map(text => plainSpaces(text!))).toEqual([
      '24.57 (23.57 to 25.57)',
      '1.2 % higher',
    ]);
    expect(dropText(generating('fp32', 24.5, 0.0000001))).toBe('none');
    expect(plainSpaces(dropText(generating('int8-dynamic', 24.5, -0.02))!)).toBe('2.0 % lower');
  });

  test('both texts say how many tokens it generates in a second', async () => {
    const artefacts = [generating('fp32', 24.5, 0), generating('int8-dynamic', 24.6, 0.004)];
    const report = { ...REPORT, models: [{ name: 'writer', task: 'text-generation', artefacts }] };
    const markdown = reportMarkdown(report);
    expect(markdown).toContain('| generated tokens/s |');
    expect(markdown.match(/\| 1235 +\|/g)).toHaveLength(2);
    const page = await reportHtml(report);
    expect(page).toContain('<dt>generated tokens/s</dt><dd>1235</dd>');
    expect(page).toContain('<b>Perplexity</b> On the evaluation data, with its 95 % interval; lower is better.');
    expect(reportMarkdown(REPORT)).not.toContain('generated tokens/s');
  });
});

describe('proof of speed', () => {
  const at = (precision: string, ...speedups: readonly number[]): ReportedArtefact => {
    const made = artefact(precision, 1);
    const [result] = made.benchmark!.results;
    const results = speedups.map(value => ({
      ...result!,
      speedup: { over: 'intents/cpu/fp32', value, interval: [value, value] as const },
    }));
    return { ...made, benchmark: { ...made.benchmark!, results } };
  };

  test('an artefact that is not faster than fp32 at any shape is warned of', async () => {
    const slow = at('int8-weight', 0.8, 0.97);
    const artefacts = [slow, at('int8-dynamic', 0.9, 1.2), artefact('fp32', 1)];
    const warning =
      'intents/cpu/int8-weight is not faster than intents/cpu/fp32 at any shape on this machine: 0.97 × at best';
    expect(speedWarnings(artefacts)).toEqual([warning]);
    const report = { ...REPORT, models: [{ ...REPORT.models[0]!, artefacts }] };
    expect(reportMarkdown(report)).toContain(`Warning: ${warning}.`);
    expect(await reportHtml(report)).toContain(`<p class="warning">${warning}</p>`);
  });

  test('what auto became, and every candidate with its figures and its verdict', async () => {
    const choice: Choice = {
      schema: 'transformer-deploy/choice/1',
      artefact: 'intents/cpu/auto',
      mix: { precision: 'int8-dynamic', exclude: ['head'], reduceRange: false, threads: 1 },
      machine: { cpu: 'Some <CPU>', cores: 2, onnxruntime: '1.30.0', threads: 2 },
      points: ['1 x 16', '8 x 128'],
      candidates: [
        {
          mix: { precision: 'int8-dynamic', exclude: ['head'], reduceRange: false, threads: 1 },
          bytes: 3_000_000,
          difference: 0.0031,
          metric: 'accuracy',
          drop: 0.004,
          milliseconds: [0.25, 12.34],
          ratio: 0.5,
          verdict: 'chosen',
        },
      ],
      untried: [{ precision: 'int8', reason: 'there is no calibration data' }],
    };
    const report = { ...REPORT, models: [{ ...REPORT.models[0]!, artefacts: [{ ...at('auto', 2), choice }] }] };
    const markdown = reportMarkdown(report);
    expect(markdown).toContain(
      'intents/cpu/auto is int8-dynamic, 1 product in float32, 1 thread. Measured on Some <CPU>, 2 cores, 2 threads, ONNX Runtime 1.30.0; batch × tokens: 1 x 16 / 8 x 128.',
    );
    expect(markdown.replaceAll(/ +/g, ' ')).toContain(
      '| int8-dynamic, 1 product in float32, 1 thread | 3 MB | 0.25 / 12.3 | 0.50 | 0.0031 | 0.4 | chosen |',
    );
    expect(markdown).toContain('not tried: there is no calibration data');
    const html = await reportHtml(report);
    expect(html).toContain('Measured on Some &#60;CPU&#62;, 2 cores');
    expect(html).toContain('<td>0.25 / 12.3</td><td>0.50</td>');
  });
});
