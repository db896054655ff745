export * from './namespaced.ts';
export * from './databases/create-test-database.ts';
export * from './datasets/index.ts';
export * from './network/create-faulty-link.ts';
export * from './poison-corpus.ts';
export * from './providers/index.ts';
export * from './ward/index.ts';
export * from './topology-driver.ts';
export { generate837, type Generate837Options } from './claims/generate-837.ts';
