import { steadyClock } from '@vigil/core';
import type { EmittersOf } from '@vigil/runtime';
import type { runEvents } from '../../run-events.ts';
import type { Stepper } from './create-stepper.ts';

/** Steps with their time told. */
export const timeSteps = (stepper: Stepper, events: Pick<EmittersOf<typeof runEvents>, 'stepsTaken'>): Stepper => ({
  ...stepper,
  take: async (transaction, inputs, claimed) => {
    const startedMs = steadyClock.now();
    const stepped = await stepper.take(transaction, inputs, claimed);
    if (stepped.results.length === 0) return stepped;
    const count = (outcome: string): number => stepped.results.filter((result) => result.outcome === outcome).length;
    events.stepsTaken({ taken: count('applied'), ignored: count('ignored'), durationMs: Math.max(0, steadyClock.now() - startedMs) });
    return stepped;
  },
});
