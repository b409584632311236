import { appendFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../util/make-folder.js';
import type { BuildEvent } from './events.js';
import { errorCode } from './file-system-failure.js';

const RUNS_KEPT = 20;
const FLUSH_MILLISECONDS = 200;

/**
 * `.td/runs/<id>/events.jsonl`: what a build told, one event a line with its time in milliseconds since the start.
 * The last 20 builds are kept. A workspace that cannot be written is no error.
 */
export class RunLog {
  /** Sorts by time. */
  readonly id: string;
  private readonly folder: string;
  private readonly started = performance.now();
  private lines: string[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly workspace: string,
    now = new Date(),
  ) {
    this.id = `${now.toISOString().replace(/[-:]/g, '')}-${process.pid}`;
    this.folder = join(workspace, '.td', 'runs', this.id);
  }

  write(event: BuildEvent): void {
    this.lines.push(`${JSON.stringify({ at: Math.round(performance.now() - this.started), ...event })}\n`);
    this.timer ??= setTimeout(() => this.flush(), FLUSH_MILLISECONDS).unref();
  }

  close(): void {
    this.flush();
    try {
      const runs = join(this.workspace, '.td', 'runs');
      const old = readdirSync(runs).sort().slice(0, -RUNS_KEPT);
      for (const name of old) rmSync(join(runs, name), { recursive: true, force: true });
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
    }
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const text = this.lines.splice(0).join('');
    if (text === '') return;
    try {
      makeFolder(this.folder);
      appendFileSync(join(this.folder, 'events.jsonl'), text);
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
    }
  }
}
