import type { TokenSpan } from './token-spans.js';

/** Something that a token classifier has found: [start, end) in Unicode code points of the text. */
export interface Entity {
  readonly start: number;
  readonly end: number;
  readonly label: string;
}

/** What a label of a token means: part of an entity of this kind, perhaps its beginning; undefined is outside of all. */
export type Tag = { readonly label: string; readonly begins: boolean } | undefined;

/** 'B-CITY' begins a city, 'I-CITY' goes on with one, 'O' is none; a name without such a letter goes on, too. */
export function tagOf(name: string): Tag {
  if (name === 'O') return undefined;
  const [, letter, label] = /^([BI])-(.+)$/.exec(name) ?? [];
  return { label: label ?? name, begins: letter === 'B' };
}

/** Tokens that are read as one: [start, end) in Unicode code points of the text. */
export interface Word {
  readonly start: number;
  readonly end: number;
  /** Indices of its tokens. */
  readonly tokens: readonly number[];
}

/** The tokens that are of the text (`spans` is undefined for the others), each for itself or, `joined`, those of a word together. */
export function wordsOf(spans: readonly (TokenSpan | undefined)[], joined: boolean): Word[] {
  const words: { start: number; end: number; tokens: number[] }[] = [];
  for (const [index, span] of spans.entries()) {
    if (span === undefined) continue;
    const last = words.at(-1);
    if (joined && span.continuesWord && last) {
      last.end = Math.max(last.end, span.end);
      last.tokens.push(index);
    } else words.push({ start: span.start, end: span.end, tokens: [index] });
  }
  return words;
}

/** Neighbours that belong together: B- begins an entity; I- goes on with the one before if that has the same label, and else begins one. */
export function groupsOf(tags: readonly Tag[]): { readonly label: string; readonly members: readonly number[] }[] {
  const groups: { label: string; members: number[] }[] = [];
  let open: (typeof groups)[number] | undefined;
  for (const [index, tag] of tags.entries()) {
    if (tag && open && !tag.begins && open.label === tag.label) {
      open.members.push(index);
      continue;
    }
    open = tag && { label: tag.label, members: [index] };
    if (open) groups.push(open);
  }
  return groups;
}

/**
 * The entities in a row of tokens. A word has the tag of its first token. `tags` are those of the tokens, `spans` their places
 * (undefined for tokens that are not of the text).
 */
export function entitiesOf(spans: readonly (TokenSpan | undefined)[], tags: readonly Tag[]): Entity[] {
  const words = wordsOf(spans, true);
  return groupsOf(words.map(({ tokens }) => tags[tokens[0]!])).map(({ label, members }) => {
    const own = members.map(member => words[member]!);
    return { start: own[0]!.start, end: Math.max(...own.map(({ end }) => end)), label };
  });
}
