import type { Readable } from 'node:stream';

/** A file as a listing shows it. */
export interface FoundFile {
  /** Path below the source's root, with `/`. */
  readonly path: string;
  readonly bytes: number;
  readonly modifiedAtMs: number;
  /** Changes when the content may have: an ETag, or size and time. */
  readonly version: string;
  /** Its name is not UTF-8, so that `path` is not how the source knows it: it can be told of, never opened. A folder, too. */
  readonly isNameLost?: true;
}

/**
 * A place where files arrive: a folder, SFTP, a bucket. One object = one open connection; a method that fails leaves the
 * object usable, or `close` and open anew.
 *
 * @throws VigilError SOURCE_AWAY (dependency), SOURCE_DENIED (auth), SOURCE_FILE_GONE, SOURCE_FILE_CHANGED (transient: look again)
 */
export interface FileSource {
  readonly name: string;
  /** Files whose name matches `pattern` (glob of one path segment, or with directories), in order of path. */
  list(pattern: string): AsyncIterable<FoundFile>;
  /**
   * The bytes of `file` from `offset`.
   *
   * @throws VigilError SOURCE_FILE_CHANGED where it is no longer the file that was listed
   */
  open(file: FoundFile, offset?: number): Promise<Readable>;
  /** Moves a file that was loaded out of the way, into the source's archive; nothing where it is gone already. */
  archive(file: FoundFile): Promise<void>;
  /**
   * Puts a small file for whoever looks after the source, whole at once, in place of one of its name.
   *
   * @throws VigilError SOURCE_DENIED where it may not be written
   */
  put(path: string, content: Buffer): Promise<void>;
  close(): Promise<void>;
}
