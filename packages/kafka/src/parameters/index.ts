export * from './parameters-index.ts';
export { readParameters } from './read-parameters.ts';
export { tellRefused, type RefusalOptions } from './tell-refused.ts';
