import type { Position } from './problem.js';

/** JavaScript writes all of these as JSON does. A minus is a token of its own. */
const JSON_TOKEN = /^([{}[\],:-]|"(?:.|\n)*"|\d[\d.eE+-]*|true|false|null)$/;

/** The first thing in a JavaScript expression that JSON does not have, for instance a comment, and where it stands. */
export async function notJson(text: string): Promise<({ readonly found: string } & Position) | undefined> {
  const { parseExpression } = await import('@babel/parser');
  const tokens = parseExpression(text, { tokens: true }).tokens ?? [];
  for (const [index, { start, end, loc }] of tokens.entries()) {
    const written = text.slice(start, end);
    const next = tokens[index + 1];
    const trailing = written === ',' && next !== undefined && /[}\]]/.test(text.slice(next.start, next.end));
    if (written === '' || (JSON_TOKEN.test(written) && !trailing)) continue;
    const found = trailing ? 'a trailing comma' : written.split('\n', 1)[0]!.slice(0, 60);
    return { found, line: loc.start.line, column: loc.start.column + 1 };
  }
  return undefined;
}
