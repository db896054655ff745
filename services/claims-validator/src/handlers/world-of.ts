import type { ClaimHistory, ClaimWorld, KnownService } from '../domain/claim-world.ts';
import type { AccumulatorScratch } from './accumulator-scratch.ts';
import type { Original } from './find-original.ts';
import type { Desk, Submission } from './submission.ts';

/** Services of standing claims, but for those of the submission itself and of the one whose place it takes. */
function historyOf({ stores }: Desk, { claim, today }: Submission, original: Original): ClaimHistory {
  const replaced = original.kind === 'standing' ? original.claim.decision.submissionId : claim.submissionId;
  // Rule after rule asks for the day of each line, and lines of several days may take turns.
  const known = new Map<string, readonly KnownService[]>();
  return {
    services(memberToken, day) {
      const place = `${day}|${memberToken}`;
      let services = known.get(place);
      if (services === undefined) {
        const found = stores.claims.services(memberToken, day, today);
        services = found.filter(({ submissionId }) => submissionId !== claim.submissionId && submissionId !== replaced);
        known.set(place, services);
      }
      return services;
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
