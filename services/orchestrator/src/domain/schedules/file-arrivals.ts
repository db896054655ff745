/** A file that has come to rest at its source and nobody has taken yet. */
export interface ArrivedFile {
  /** Of the file ledger. Never its path, which may hold patient data. */
  readonly fileId: string;
}

/** The file ledger, as file triggers need it. */
export interface FileArrivals {
  /** Looks at a source, moves its files on in the ledger, and tells those that match and are STABLE; each may be told again. */
  poll(source: string, pattern: string): Promise<readonly ArrivedFile[]>;
}
