import { appendFileSync, readFileSync } from 'node:fs';
import { writeFileAtomic } from '../util/atomic-file.js';
import { type Digest, digestIn } from '../util/digest.js';
import { errorCode } from './file-system-failure.js';
import { hasSettled, type Stamp } from './stamp.js';

interface Entry {
  readonly stamp: string;
  readonly digest: Digest;
}

const MOST_ENTRIES = 100_000;

/**
 * Remembers which contents a stamp stood for, so that big files are not hashed again: one line per entry, each with
 * its own checksum, only ever appended to. Several processes may append at once; a torn or altered line is no entry,
 * and a lost one costs a hash. Entries are made only of settled stamps.
 */
export class StampLog {
  private entries: Map<string, Entry> | undefined;
  private lines = 0;
  private fresh: string[] = [];

  /** @param scope a word that is part of every stamp: entries made under another one do not count */
  constructor(
    readonly path: string,
    private readonly scope = '',
  ) {}

  /** The contents of the file with this name, if the stamp is the one that was seen when it was hashed. */
  find(name: string, stamp: Stamp): Digest | undefined {
    const entry = this.load().get(name);
    return entry?.stamp === this.scope + stamp.text ? entry.digest : undefined;
  }

  /** `now`: when the contents were read, at the latest. Unsettled stamps are passed over. */
  remember(name: string, stamp: Stamp, digest: Digest, now: number): void {
    if (!hasSettled(stamp, now) || this.find(name, stamp) === digest) return;
    const entry: Entry = { stamp: this.scope + stamp.text, digest };
    this.load().set(name, entry);
    this.fresh.push(lineOf(name, entry));
  }

  /** Writes what is new. A cache that cannot be written, or that no build has made yet, only hashes again next time. */
  async flush(): Promise<void> {
    if (this.fresh.length === 0) return;
    const text = `\n${this.fresh.join('')}`;
    this.lines += this.fresh.length;
    this.fresh = [];
    const entries = this.load();
    try {
      if (this.lines > 2 * entries.size + 1000 || entries.size > MOST_ENTRIES) {
        const kept = [...entries].slice(-MOST_ENTRIES / 2);
        await writeFileAtomic(this.path, kept.map(([name, entry]) => lineOf(name, entry)).join(''));
        this.lines = kept.length;
      } else {
        appendFileSync(this.path, text);
      }
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
    }
  }

  private load(): Map<string, Entry> {
    if (this.entries) return this.entries;
    this.entries = new Map();
    for (const line of readIfThere(this.path).split('\n')) {
      if (line === '') continue;
      this.lines++;
      const parsed = parseLine(line);
      if (parsed) this.entries.set(parsed.name, parsed.entry);
    }
    return this.entries;
  }
}

const checksum = (text: string): string => digestIn('td:stamp:1', text).slice(0, 16);

function lineOf(name: string, entry: Entry): string {
  const text = `${entry.stamp} ${entry.digest} ${JSON.stringify(name)}`;
  return `${checksum(text)} ${text}\n`;
}

function parseLine(line: string): { name: string; entry: Entry } | undefined {
  const text = line.slice(17);
  if (line[16] !== ' ' || checksum(text) !== line.slice(0, 16)) return undefined;
  const [stamp, digest] = text.split(' ', 2) as [string, string];
  const name = JSON.parse(text.slice(stamp.length + digest.length + 2)) as string;
  return { name, entry: { stamp, digest: digest as Digest } };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return '';
  }
}
