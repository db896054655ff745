export { BinaryRows, type CopyTarget } from './binary-rows.ts';
export * from './copy-rows.ts';
