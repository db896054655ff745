export * from './claim-tokens.ts';
export * from './seal-identity.ts';
