export * from './classify-error.ts';
export * from './clock.ts';
export * from './error-catalogue.ts';
export * from './event-id.ts';
export * from './outcome.ts';
export * from './seal.ts';
export * from './tokens.ts';
export * from './vigil-error.ts';
