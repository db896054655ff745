import type { ClaimHistory, ClaimWorld, KnownService } from '../domain/claim-world.ts';
import type { AccumulatorScratch } from './accumulator-scratch.ts';
import type { Original } from './find-original.ts';
import type { Desk, Submission } from './submission.ts';

/** Services of standing claims, but for those of the submission itself and of the one whose place it takes. */
function historyOf({ stores }: Desk, { claim, today }: Submission, original: Original): ClaimHistory {
  const replaced = original.kind === 'standing' ? original.claim.decision.submissionId : claim.submissionId;
  let last: { readonly memberToken: string; readonly day: number; readonly services: readonly KnownService[] } | null = null;
  return {
    services(memberToken, day) {
      // Rule after rule asks for the day of a line.
      if (last?.day !== day || last.memberToken !== memberToken) {
        const found = stores.claims.services(memberToken, day, today);
        const services = found.filter(({ submissionId }) => submissionId !== claim.submissionId && submissionId !== replaced);
        last = { memberToken, day, services };
      }
      return last.services;
    },
  };
}

/** All that adjudication may look at, as if what the submission takes the place of had never been. */
export function worldOf(desk: Desk, submission: Submission, original: Original, accumulators: AccumulatorScratch): ClaimWorld {
  const { claim, today, review, asked, lookedAt } = submission;
  return {
    today,
    member: desk.stores.members.get(claim.memberToken)?.member,
    reference: desk.reference,
    accumulators,
    history: historyOf(desk, submission, original),
    review,
    asked,
    lookedAt,
  };
}
