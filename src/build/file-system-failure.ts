import { environmentFailure, type Failure } from '../util/failure.js';

export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;

export const isMissing = (error: unknown): boolean => errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR';

/** The folder can be read but takes nothing new. */
export const isReadOnly = (error: unknown): boolean => ['EROFS', 'EACCES', 'EPERM'].includes(errorCode(error) ?? '');

export const isDiskFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes(errorCode(error) ?? '');

/** By error code: what no program can help, whatever it was doing. */
const MACHINE_FIXES: Readonly<Record<string, string>> = {
  EFBIG:
    'choose a folder on a file system that takes larger files, or raise the limit of this shell: ulimit -f unlimited',
  EMFILE: 'raise the number of files that may be open: ulimit -n 4096',
  ENFILE: 'end other programs: the machine has too many open files',
  EIO: 'the disk does not answer as it should: look at the system log',
};

/** What to do about an error that is the machine's, and never a bug; undefined for any other. */
export const machineFix = (error: unknown): string | undefined => MACHINE_FIXES[errorCode(error) ?? ''];

const isNotAFolder = (error: unknown): boolean => errorCode(error) === 'ENOTDIR' || isMaking(error, 'EEXIST');

/** Of a folder whose parent is there: a file system of the system's own, like /proc. */
const isRefusedFolder = (error: unknown): boolean => isMaking(error, 'ENOENT');

const isMaking = (error: unknown, code: string): boolean =>
  errorCode(error) === code && (error as NodeJS.ErrnoException).syscall === 'mkdir';

/**
 * An error of the operating system as a failure. `doing`: 'write the output folder'. Anything that is no such error is
 * a bug and is thrown on.
 */
export function fileSystemFailure(error: unknown, doing: string, path: string): Failure {
  const code = errorCode(error);
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) throw error;
  const facts = { where: path, found: (error as Error).message }; // It begins with the code.
  if (isDiskFull(error)) {
    return environmentFailure('disk-full', `no space left to ${doing}`, {
      ...facts,
      fix: 'free some space there, or lower cache.maxSize and run: td cache gc',
    });
  }
  if (isReadOnly(error)) {
    return environmentFailure('not-writable', `not permitted to ${doing}`, {
      ...facts,
      fix: 'give this user write permission, or choose another folder',
    });
  }
  if (isNotAFolder(error)) {
    return environmentFailure('not-a-folder', `could not ${doing}: a file is where a folder should be`, {
      ...facts,
      fix: 'move that file away, or choose another folder',
    });
  }
  const fix = isRefusedFolder(error) ? 'choose another folder: this file system makes none there' : machineFix(error);
  return environmentFailure('file-system', `could not ${doing}`, { ...facts, ...(fix === undefined ? {} : { fix }) });
}
