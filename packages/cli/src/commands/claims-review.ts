import type { Command } from 'commander';
import { rulingOf, type Review } from '../claims-review/review.ts';
import type { ReviewWorld } from '../claims-review/decide-review.ts';
import { reviewLine, reviewText, showReview, type ShownReview } from '../claims-review/review-text.ts';
import { VigilError } from '@vigil/core';
import type { CliIo } from '../cli-io.ts';
import { claimsCommand } from './claims-command.ts';
import { defineCommand, type RegisterCommand } from '../define-command.ts';
import { operatorOf, reasonOf, revealReasonOf } from '../dlq/operator.ts';

interface PersonFlags {
  readonly as?: string;
  readonly reason?: string;
}

interface DecideFlags extends PersonFlags {
  readonly group?: string;
  readonly carc?: string;
  readonly rarc?: string;
}

/** Shows reviews, the claim's identifier masked unless it is revealed. */
async function showing(claim: 'masked' | 'shown' = 'masked'): Promise<(review: Review) => ShownReview> {
  const { secondPersonCentsOf } = await import('../claims-review/second-person.ts');
  const defaultCents = secondPersonCentsOf(process.env);
  return (review) => showReview(review, { defaultCents, claim });
}

async function list(io: CliIo, { closed, limit }: { readonly closed?: boolean; readonly limit?: string }): Promise<void> {
  const most = limit === undefined ? undefined : limitOf(limit);
  const { withReviewStore } = await import('../claims-review/with-reviews.ts');
  const { reviews, total } = await withReviewStore((store) => store.list(closed === true ? 'closed' : 'waiting', most));
  const more = total > reviews.length ? `${reviews.length} of ${total} are shown: --limit ${total} shows all` : '';
  io.result(
    { reviews: reviews.map(await showing()), total },
    (result) => result.reviews.map(reviewLine).join('\n') || 'nothing waits for a person',
  );
  if (more !== '') io.progress(more);
}

/** @throws VigilError BAD_USAGE */
function limitOf(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new VigilError('BAD_USAGE', { detail: '--limit takes a number from 1 to 9999999.' });
}

async function show(io: CliIo, id: string, flags: PersonFlags & { readonly reveal?: boolean }): Promise<void> {
  const reason = revealReasonOf(flags);
  const by = operatorOf(flags.as);
  const { withReviews, withReviewStore } = await import('../claims-review/with-reviews.ts');
  const { revealReview } = await import('../claims-review/decide-review.ts');
  const shown = await showing(reason === null ? 'masked' : 'shown');
  const review = shown(
    await (reason === null ? withReviewStore((store) => store.find(id)) : withReviews((world) => revealReview(id, { by, reason }, world))),
  );
  io.result({ review }, (result) => reviewText(result.review));
}

/** One step of one person, told with what is to be done next. */
async function act(io: CliIo, step: (world: ReviewWorld) => Promise<Review>): Promise<void> {
  const { withReviews } = await import('../claims-review/with-reviews.ts');
  const shown = await showing();
  const review = shown(await withReviews(step));
  const next = review.state === 'proposed' ? `\nAnother person confirms: vigil claims review confirm ${review.reviewId} --as NAME` : '';
  io.result({ review }, (result) => `${reviewText(result.review)}${next}`);
}

async function decide(io: CliIo, id: string, decision: string, flags: DecideFlags): Promise<void> {
  const ruling = rulingOf(decision, { ...flags, reason: reasonOf('claims review decide', flags.reason) });
  const by = operatorOf(flags.as);
  const { decideReview } = await import('../claims-review/decide-review.ts');
  await act(io, (world) => decideReview(id, { ruling, by }, world));
}

async function confirm(io: CliIo, id: string, flags: PersonFlags): Promise<void> {
  const by = operatorOf(flags.as);
  const { confirmReview } = await import('../claims-review/decide-review.ts');
  await act(io, (world) => confirmReview(id, by, world));
}

async function decline(io: CliIo, id: string, flags: PersonFlags): Promise<void> {
  const person = { by: operatorOf(flags.as), reason: reasonOf('claims review decline', flags.reason) };
  const { declineReview } = await import('../claims-review/decide-review.ts');
  await act(io, (world) => declineReview(id, person, world));
}

const asPerson = (command: Command): Command => command.option('--as <name>', 'who you are (VIGIL_OPERATOR, else your account)');

function registerDecisions(review: Command, io: CliIo): void {
  const id = '3f2a9c0d1b7e4a65908c1d2e3f4a5b6c';
  asPerson(
    defineCommand(review, {
      name: 'decide <id> <decision>',
      summary: 'release: adjudicate without these reasons; deny: deny every line; above the limit another person confirms',
      examples: [
        `vigil claims review decide ${id} release --reason "date confirmed by phone"`,
        `vigil claims review decide ${id} deny --group CO --carc 50 --reason "not necessary"`,
      ],
    }),
  )
    .option('--group <group>', 'of a denial: CO, PR, OA or PI')
    .option('--carc <code>', 'of a denial: claim adjustment reason code')
    .option('--rarc <codes>', 'of a denial: remark codes, separated by commas')
    .option('--reason <text>', 'why; kept with the decision')
    .action((review: string, decision: string, flags: DecideFlags) => decide(io, review, decision, flags));

  asPerson(
    defineCommand(review, {
      name: 'confirm <id>',
      summary: 'confirm what another person proposed, and publish it',
      examples: [`vigil claims review confirm ${id} --as bob`],
    }),
  ).action((review: string, flags: PersonFlags) => confirm(io, review, flags));

  asPerson(
    defineCommand(review, {
      name: 'decline <id>',
      summary: 'refuse or take back a proposal; the review is open again',
      examples: [`vigil claims review decline ${id} --reason "see note 12" --as bob`],
    }),
  )
    .option('--reason <text>', 'why; kept in the audit trail')
    .action((review: string, flags: PersonFlags) => decline(io, review, flags));
}

/** `vigil claims review list|show|decide|confirm|decline`: the manual review queue. */
export const registerClaimsReview: RegisterCommand = (program, io) => {
  const review = claimsCommand(program).command('review').description('claims that wait for a person');

  defineCommand(review, {
    name: 'list',
    summary: 'what waits for a decision, oldest first',
    examples: ['vigil claims review list', 'vigil claims review list --closed --json'],
  })
    .option('--closed', 'what is decided, latest first')
    .option('--limit <count>', 'how many; without it 1000. What is not shown is counted')
    .action((flags: { readonly closed?: boolean; readonly limit?: string }) => list(io, flags));

  asPerson(
    defineCommand(review, {
      name: 'show <id>',
      summary: 'one review with its reasons and what is proposed; the claim’s identifier is masked unless revealed',
      examples: ['vigil claims review show 3f2a9c0d1b7e4a65908c1d2e3f4a5b6c --reveal --reason "looking up the claim"'],
    }),
  )
    .option('--reveal', 'show the claim’s identifier; recorded in the audit trail')
    .option('--reason <text>', 'why; needed with --reveal')
    .action((id: string, flags: PersonFlags & { readonly reveal?: boolean }) => show(io, id, flags));

  registerDecisions(review, io);
};
