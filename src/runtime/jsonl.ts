import { createReadStream } from 'node:fs';
import { type Failure, usageFailure } from '../util/failure.js';
import { count } from '../util/format.js';
import { fail, ok, type Result } from '../util/result.js';

/** What is wrong with one line; the reader adds where. */
export type LineProblem = Pick<Failure, 'message'> & Pick<Failure, 'expected' | 'found' | 'fix'>;

/** Turns the object of one line into a sample, or says everything that is wrong with it. */
export type LineParser<T> = (object: Readonly<Record<string, unknown>>) => Result<T, readonly LineProblem[]>;

/** More different problems than this are counted, not printed: the twentieth says what the thousandth would. */
const PROBLEMS_SHOWN = 20;

/**
 * Reads a file of one JSON object per line as a stream. Blank lines are skipped. All problems are reported together, each once,
 * with its first line and how many others have it; with one problem nothing is returned. `limit` stops reading after so many samples.
 */
export async function readJsonl<T>(
  path: string,
  parse: LineParser<T>,
  { limit = Number.POSITIVE_INFINITY }: { readonly limit?: number } = {},
): Promise<Result<readonly T[], Failure>> {
  const samples: T[] = [];
  const problems = new Map<string, { readonly problem: LineProblem; readonly line: number; lines: number }>();
  let problemCount = 0;
  let hidden = 0;
  let number = 0;
  try {
    for await (const line of linesOf(path)) {
      number++;
      if (line.trim() === '') continue;
      const sample = parseLine(line, parse);
      if (sample.ok) {
        samples.push(sample.value);
        if (samples.length >= limit) break;
        continue;
      }
      problemCount += sample.error.length;
      for (const problem of sample.error) {
        const same = JSON.stringify(problem);
        const known = problems.get(same);
        if (known) known.lines++;
        else if (problems.size >= PROBLEMS_SHOWN) hidden++;
        else problems.set(same, { problem, line: number, lines: 1 });
      }
    }
  } catch (error) {
    return fail(
      usageFailure('data-unreadable', 'the data file cannot be read', {
        where: path,
        found: error instanceof Error ? error.message : String(error),
      }),
    );
  }
  if (problemCount > 0) {
    return fail(
      usageFailure('data-invalid', `the data file has ${count(problemCount, 'problem')}`, {
        where: path,
        causes: [...problems.values()].map(({ problem, line, lines }) =>
          usageFailure('data-line-invalid', problem.message, {
            where: lines === 1 ? `${path}:${line}` : `${path}:${line}, and ${count(lines - 1, 'more line')}`,
            ...facts(problem),
          }),
        ),
        ...(hidden > 0 ? { details: [`and ${hidden} more`] } : {}),
      }),
    );
  }
  if (samples.length > 0) return ok(samples);
  return fail(
    usageFailure('data-empty', 'the data file has no samples', {
      where: path,
      expected: 'one JSON object per line, for instance {"text": "..."}',
      found: number === 0 ? 'an empty file' : count(number, 'blank line'),
    }),
  );
}

/**
 * Lines end at a line feed, with or without a carriage return. Not node:readline: it also ends them at U+2028, which may stand
 * in a JSON string as it is.
 */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  let first = true;
  for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
    // A byte order mark is not JSON, but Windows editors write one.
    const lines = (rest + (first && chunk.startsWith('\uFEFF') ? chunk.slice(1) : chunk)).split('\n');
    first = false;
    rest = lines.pop()!;
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  if (rest !== '') yield rest;
}

function parseLine<T>(line: string, parse: LineParser<T>): Result<T, readonly LineProblem[]> {
  const excerpt = line.length > 60 ? `${line.slice(0, 60)}…` : line;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return fail([{ message: 'the line is not JSON', expected: 'one JSON object on one line', found: excerpt }]);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return fail([{ message: 'the line is not a JSON object', expected: '{"text": ...}', found: excerpt }]);
  }
  return parse(value as Readonly<Record<string, unknown>>);
}

const facts = ({ expected, found, fix }: LineProblem) => ({
  ...(expected === undefined ? {} : { expected }),
  ...(found === undefined ? {} : { found }),
  ...(fix === undefined ? {} : { fix }),
});
