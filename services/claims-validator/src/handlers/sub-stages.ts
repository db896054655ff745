import type { SubStageEnd } from '@vigil/core';
import type { Adjudication, SubStage } from '../domain/adjudication.ts';

/** The tasks of the workflow, as parts of the stage. */
export const subStages = ['validate', 'enrich', 'coverage', 'adjudicate'] as const satisfies readonly SubStage[];

const stoppedIn = Object.fromEntries(subStages.map((subStage) => [subStage, { subStage, end: 'stopped' }])) as Readonly<
  Record<SubStage, SubStageEnd>
>;

export const passedAll: SubStageEnd = { subStage: 'adjudicate', end: 'passed' };

/** A claim that is denied or pended ended where that was found; one that is paid passed all. */
export const endOf = ({ outcome, endedIn }: Pick<Adjudication, 'outcome' | 'endedIn'>): SubStageEnd =>
  outcome === 'paid' ? passedAll : stoppedIn[endedIn];
