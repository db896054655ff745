export type * from './parsed-claim.ts';
export * from './out/index.ts';
