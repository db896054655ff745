/** Where a source moves what was loaded: a folder below its root. */
interface WithArchive {
  readonly name: string;
  /** Folder below the root; `archive` unless told. Never listed. */
  readonly archive?: string;
  /** Folder below the root for what is put there; not listed. */
  readonly acknowledgements?: string;
}

export interface FolderOptions extends WithArchive {
  readonly kind: 'folder';
  readonly root: string;
}

export interface SftpOptions extends WithArchive {
  readonly kind: 'sftp';
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly credential: { readonly privateKey: string } | { readonly password: string };
  /** As `ssh-keygen -l` writes it, `SHA256:…`: no other host is spoken to. */
  readonly hostKey: string;
  readonly root: string;
  readonly connectMs?: number;
  /** Of one call: a listing, a rename. */
  readonly callMs?: number;
  /** Of a download without a byte. */
  readonly idleMs?: number;
}

export interface S3Options extends WithArchive {
  readonly kind: 's3';
  /** `https://s3.eu-central-1.amazonaws.com`, or that of another server; the bucket goes into the path. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** With a slash at its end; empty = the whole bucket. */
  readonly prefix?: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of one call until its headers are there. */
  readonly callMs?: number;
  readonly idleMs?: number;
}

export type FileSourceOptions = FolderOptions | SftpOptions | S3Options;

export const usualIdleMs = 30_000;
export const usualCallMs = 30_000;
export const usualConnectMs = 20_000;
export const usualArchive = 'archive';
