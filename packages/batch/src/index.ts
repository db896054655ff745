export { createHoldOf, type Reread } from './claims/claim-holds.ts';
export { recordOfPiece } from './claims/record-of-piece.ts';
export type * from './job/batch-job.ts';
export { scanMembers, textOf, type TextRange } from './messages/scan-members.ts';
export type { CutMessage, Splitter } from './messages/split-lines.ts';
export { createMessageSplitter } from './messages/split-messages.ts';
