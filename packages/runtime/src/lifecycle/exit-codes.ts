import { isVigilError } from '@vigil/core';

/** What the end of a process says to its supervisor. */
export const exitCodes = { done: 0, failed: 1, usage: 2, configuration: 78 } as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** 78 when only another configuration helps (a restart does not), 2 for a wrong call, 1 for everything else. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!isVigilError(error)) return exitCodes.failed;
  if (error.kind === 'config') return exitCodes.configuration;
  return error.kind === 'usage' ? exitCodes.usage : exitCodes.failed;
}
