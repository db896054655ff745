export * from './plan/compile-plan.ts';
export type * from './plan/run-plan.ts';
export * from './run/decide.ts';
export { maxLosses, stopGraceMs } from './run/end-part.ts';
export type * from './run/run-effect.ts';
export type * from './run/run-input.ts';
export type * from './run/run-state.ts';
