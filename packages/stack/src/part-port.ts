import { stackPaths, type StackPaths } from './paths.ts';
import { readState } from './state-file.ts';

/** The port kept for a part of the stack or fleet, whether it runs or not; undefined before the first `up`. */
export const partPort = (name: string, paths: StackPaths = stackPaths()): number | undefined => readState(paths.stateFile)?.ports[name];
