export type * from './parsed-claim.ts';
