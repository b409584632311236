import { createHash, type Hash } from 'node:crypto';

/** One commit of a model on the Hub. */
export interface Revision {
  /** 'org/name'; older models have no 'org/'. */
  readonly repository: string;
  /** 40 hex digits. */
  readonly commit: string;
}

/** What a file must be, known before a byte of it has come. */
export interface RemoteFile {
  /** In the repository, with '/'. */
  readonly path: string;
  readonly size: number;
  readonly digest: RemoteDigest;
}

/** Large files (LFS) and pinned files have their sha256; of the others, git knows the blob's name. */
export type RemoteDigest = { readonly kind: 'sha256' | 'git'; readonly hex: string };

/** A hash that, given all bytes of a file of this size, gives `digest.hex`. */
export function hashFor({ digest, size }: RemoteFile): Hash {
  if (digest.kind === 'sha256') return createHash('sha256');
  // https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
  return createHash('sha1').update(`blob ${size}\0`);
}

export const isCommit = (revision: string): boolean => /^[0-9a-f]{40}$/.test(revision);

/** As the config writes it. */
export const sourceText = (repository: string, revision: string): string => `hub:${repository}@${revision}`;

/** The folder's name in the cache of huggingface_hub, and in ours. */
export const folderName = (repository: string): string => `models--${repository.replaceAll('/', '--')}`;
