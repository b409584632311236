import { createHash, randomBytes } from 'node:crypto';
import { renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from '../util/make-folder.js';
import { crashPoint } from './crash-points.js';
import { errorCode } from './file-system-failure.js';
import { readRecord, sealRecord } from './record.js';
import type { StateRecord } from './result.js';
import type { TaskId } from './task.js';

const DAY_MILLISECONDS = 86_400_000;

/** `.td/state`: the last success of each task in this workspace. Losing it costs only explanations. */
export class WorkspaceState {
  private readonly folder: string;
  private unwritable: string | undefined;

  constructor(workspace: string) {
    this.folder = join(workspace, '.td', 'state');
  }

  get(task: TaskId): StateRecord | undefined {
    const record = readRecord<StateRecord>(this.pathOf(task));
    return record?.task === task ? record : undefined;
  }

  /** Not synced to the disk: a record that a power cut tears is recognised by its checksum. */
  put(record: StateRecord): void {
    const path = this.pathOf(record.task);
    const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
    try {
      makeFolder(dirname(path));
      writeFileSync(temporary, sealRecord(record));
      renameSync(temporary, path);
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      rmSync(temporary, { force: true });
      this.unwritable ??= (error as Error).message;
    }
    crashPoint('state-stored');
  }

  /** Why nothing could be written, if so. */
  get problem(): string | undefined {
    return this.unwritable;
  }

  /** True once a day for each task: then its cache records are marked as used. */
  isDueForTouch(task: TaskId): boolean {
    const path = this.pathOf(task);
    try {
      const now = Date.now();
      if (now - statSync(path).mtimeMs < DAY_MILLISECONDS) return false;
      utimesSync(path, now / 1000, now / 1000);
      return true;
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      return false;
    }
  }

  /** A task id is a path, but must not lead out of the folder nor be longer than a file name may be. */
  private pathOf(task: TaskId): string {
    const parts = task.split('/').map(part => part.replace(/[^A-Za-z0-9._@=+-]/g, '_').replace(/^\.+/, '_'));
    const readable = parts.join('/');
    if (readable === task && parts.every(part => part !== '' && part.length <= 120)) {
      return join(this.folder, `${readable}.json`);
    }
    const tag = createHash('sha256').update(task).digest('hex').slice(0, 16);
    return join(this.folder, `${parts.map(part => part.slice(0, 80) || '_').join('/')}~${tag}.json`);
  }
}
