/** Scripts that are written without spaces, as ranges of code points: a letter there is not part of a longer word. */
const UNSPACED: readonly (readonly [first: number, last: number])[] = [
  [0x0e00, 0x0eff],
  [0x1000, 0x109f],
  [0x1780, 0x17ff],
  [0x2e80, 0xa4cf],
  [0xf900, 0xfaff],
  [0xff66, 0xff9f],
  [0x20000, 0x3ffff],
];

function isInWord(letter: string): boolean {
  const code = letter.codePointAt(0)!;
  return /[\p{L}\p{M}\p{N}]/u.test(letter) && !UNSPACED.some(([first, last]) => code >= first && code <= last);
}

/** [start, end) of a text in code points, made longer until no word is cut. */
export function wholeWords(letters: readonly string[], start: number, end: number): [start: number, end: number] {
  const isCut = (at: number): boolean =>
    at > 0 && at < letters.length && isInWord(letters[at - 1]!) && isInWord(letters[at]!);
  let [from, to] = [start, end];
  while (isCut(from)) from--;
  while (isCut(to)) to++;
  return [from, to];
}
