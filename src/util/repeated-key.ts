/** Counted from 1, as editors do. */
interface Position {
  readonly line: number;
  readonly column: number;
}

/** Keys and list indices from the root of a text: ['models', 'intents', 'shapes', 'batch', 1]. */
type Path = readonly (string | number)[];

export interface RepeatedKey {
  readonly key: string;
  /** Where it is written again. */
  readonly again: Position;
  readonly first: Position;
}

/** What an object of the text is read up to: its keys so far, or how many elements a list has had. */
interface Level {
  readonly path: Path;
  readonly keys: Map<string, Position>;
  /** The key, or index, whose value comes next. */
  next: string | number;
}

/** Strings, what nests, and ends of lines; a string before a colon is a key. */
const TOKEN = /("(?:[^"\\]|\\.)*")(?=\s*:)|"(?:[^"\\]|\\.)*"|[{}[\],\n]/g;

/**
 * The first key that an object of a JSON text has twice: JSON.parse takes the last without a word, so that two readers
 * of one text may see different things.
 * @param text valid JSON
 * @param inside only what lies inside the value at this path
 */
export function repeatedKey(text: string, inside: Path = []): RepeatedKey | undefined {
  const open: Level[] = [];
  let line = 1;
  let lineStart = 0;
  for (const { 0: token, 1: written, index } of text.matchAll(TOKEN)) {
    const level = open.at(-1);
    if (token === '{' || token === '[') {
      open.push({ path: level ? [...level.path, level.next] : [], keys: new Map(), next: token === '[' ? 0 : '' });
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token === ',' && typeof level?.next === 'number') {
      level.next++;
    } else if (token === '\n') {
      line++;
      lineStart = index + 1;
    } else if (level && written !== undefined) {
      const key = JSON.parse(written) as string;
      const here = { line, column: index - lineStart + 1 };
      const first = level.keys.get(key);
      if (first && inside.every((step, depth) => level.path[depth] === step)) return { key, again: here, first };
      level.keys.set(key, here);
      level.next = key;
    }
  }
  return undefined;
}
