import type { Place } from '../trace/trace-steps.ts';

/** One thing on the way between a file and a row of the warehouse. Ids and places; a path only where it was revealed. */
export interface LineageStep {
  readonly step: 'file' | 'run' | 'task' | 'score' | 'records' | 'record' | 'warehouse row' | 'end';
  readonly place?: Place;
  readonly id?: string;
  readonly state?: string;
  readonly note?: string;
}

export interface LineageTree {
  /** What was asked for. */
  readonly subject: string;
  readonly found: boolean;
  readonly steps: readonly LineageStep[];
}

const placeText = ({ topic, partition, offset }: Place): string => `${topic}-${partition}@${offset}`;

export const lineageText = ({ subject, steps }: LineageTree): string =>
  [
    subject,
    ...steps.map(({ step, place, id, state, note }) =>
      [`  ${step}`, place && placeText(place), id, state, note].filter((part) => part !== undefined && part !== '').join('  '),
    ),
  ].join('\n');

export const notFound = (subject: string, note: string): LineageTree => ({
  subject,
  found: false,
  steps: [{ step: 'end', state: 'unknown', note }],
});
