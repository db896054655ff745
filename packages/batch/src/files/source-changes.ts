import { classifyError } from '@vigil/core';

/** Whether a file is not the one that was listed any more: the next run sees it anew. */
export const isChanged = (error: unknown): boolean => ['SOURCE_FILE_CHANGED', 'SOURCE_FILE_GONE'].includes(classifyError(error).code);
