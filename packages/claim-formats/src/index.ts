export type * from './parsed-claim.ts';
export * from './split/piece.ts';
export { detectFormat, splitClaims, type InputFormat } from './split/split-claims.ts';
