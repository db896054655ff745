import { hashId } from '@vigil/core';

/** W3C trace context of a run itself: the parent of the spans of its attempts, in the trace that their requests name. */
export const runTraceparentOf = (runId: string): string => `00-${hashId('trace', runId)}-${hashId('span', runId).slice(0, 16)}-01`;
