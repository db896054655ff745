export type * from './parsed-claim.ts';
export * from './split/piece.ts';
export { detectFormat, splitClaimBatches, splitClaims, type InputFormat } from './split/split-claims.ts';
export { parseIsoDay } from './read/calendar-day.ts';
export type { ClaimRead } from './read/claim-read.ts';
export { createClaimReader, readClaim, type ReadableClaim } from './read/read-claim.ts';
export * from './out/index.ts';
