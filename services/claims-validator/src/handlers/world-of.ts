import type { ClaimHistory, ClaimWorld, KnownService } from '../domain/claim-world.ts';
import type { AccumulatorScratch } from './accumulator-scratch.ts';
import type { Original } from './find-original.ts';
import type { Desk, Submission } from './submission.ts';

interface KnownDay {
  readonly memberToken: string;
  readonly day: number;
  readonly services: readonly KnownService[];
}

/** Services of standing claims, but for those of the submission itself and of the one whose place it takes. */
function historyOf({ stores }: Desk, { claim, today }: Submission, original: Original): ClaimHistory {
  const replaced = original.kind === 'standing' ? original.claim.decision.submissionId : claim.submissionId;
  const find = (memberToken: string, day: number): readonly KnownService[] => {
    const found = stores.claims.services(memberToken, day, today);
    return found.filter(({ submissionId }) => submissionId !== claim.submissionId && submissionId !== replaced);
  };
  let last: KnownDay | null = null;
  /** Made for the second day: most claims have one. */
  let others: Map<string, KnownDay> | null = null;
  return {
    services(memberToken, day) {
      // Rule after rule asks for the day of each line, and lines of several days may take turns.
      if (last?.day !== day || last.memberToken !== memberToken) {
        if (last !== null) (others ??= new Map()).set(`${last.day}|${last.memberToken}`, last);
        last = others?.get(`${day}|${memberToken}`) ?? { memberToken, day, services: find(memberToken, day) };
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
