/**
 * What the commits of a group say about it, from well to worst. The names and rules are Burrow's.
 *
 * @see https://github.com/linkedin/Burrow/wiki/Consumer-Lag-Evaluation-Rules
 */
export const lagStates = ['OK', 'WARN', 'STALL', 'STOP', 'REWIND'] as const;

export type LagState = (typeof lagStates)[number];

/** 0 = well; greater is worse. */
export const severityOf = (state: LagState): number => lagStates.indexOf(state);
