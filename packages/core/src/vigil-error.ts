import { errorCatalogue, type ErrorCode, type ErrorKind } from './error-catalogue.ts';

export interface VigilErrorOptions {
  /** Facts for the reader, never patient data: names of topics, files, settings. */
  readonly detail?: string;
  readonly cause?: unknown;
}

/** A failure of the catalogue. Its message is the catalogue's text plus `detail`. */
export class VigilError extends Error {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;

  constructor(code: ErrorCode, { detail, cause }: VigilErrorOptions = {}) {
    const { what, action, kind } = errorCatalogue[code];
    super([what, detail, action].filter(Boolean).join(' '), cause === undefined ? undefined : { cause });
    this.name = 'VigilError';
    this.code = code;
    this.kind = kind;
  }
}

export const isVigilError = (error: unknown): error is VigilError => error instanceof VigilError;
