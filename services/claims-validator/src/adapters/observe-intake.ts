import type { EmittersOf } from '@vigil/runtime';
import type { events } from '../events.ts';
import type { IntakeObserver } from '../handlers/intake-observer.ts';

type Emitters = Pick<EmittersOf<(typeof events)['declared']>, 'claimSubmitted' | 'claimProblem'>;

/** Carries what the handlers tell to metrics. */
export const observeIntake = (emit: Emitters): IntakeObserver => ({
  submitted({ format, standing, problems }) {
    emit.claimSubmitted({ format, standing } as Parameters<Emitters['claimSubmitted']>[0]);
    for (const { level, code } of problems) emit.claimProblem({ level, code } as Parameters<Emitters['claimProblem']>[0]);
  },
});
