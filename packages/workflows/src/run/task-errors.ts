import { errorCatalogue, type ErrorCode } from '@vigil/core';
import type { TaskError } from './run-state.ts';

/** An error of the catalogue that the reducer itself finds. */
export const taskError = (code: ErrorCode, detail: string = errorCatalogue[code].what): TaskError => ({
  code,
  kind: errorCatalogue[code].kind,
  detail,
});
