import type { ClaimSubmitted, PriorPayer } from '@vigil/contracts';
import type { LineCase } from './claim-case.ts';
import { shareOf, spread } from './money.ts';

/** What payers before this one made of a line. */
export interface PriorPayment {
  /** What they paid. */
  readonly paidCents: number;
  /** What they left to the patient: charge less what they paid and what they wrote off. */
  readonly patientCents: number;
}

const places = 'PST';

/** The payer that decided last; the order in the claim decides between equals. */
function lastPayer(payers: readonly PriorPayer[]): PriorPayer | undefined {
  let last: PriorPayer | undefined;
  for (const payer of payers) if (last === undefined || places.indexOf(payer.sequence) >= places.indexOf(last.sequence)) last = payer;
  return last;
}

/**
 * Told line by line where it was. What the lines do not tell of all that was paid follows the charges of those that tell
 * nothing; where each of them tells something, it follows what they leave of their charges.
 */
function paidByLine({ lines, priorPayers }: ClaimSubmitted): number[] {
  const total = priorPayers.reduce((sum, { paidCents }) => sum + paidCents, 0);
  const told = lines.reduce((sum, { priorPaidCents }) => sum + (priorPaidCents ?? 0), 0);
  const isEachTold = lines.every(({ priorPaidCents }) => priorPaidCents !== null);
  const openOf = ({ priorPaidCents, chargeCents }: ClaimSubmitted['lines'][number]): number => {
    if (isEachTold) return Math.max(0, chargeCents - (priorPaidCents ?? 0));
    return priorPaidCents === null ? chargeCents : 0;
  };
  const rest = spread(Math.max(0, total - told), lines.map(openOf));
  return lines.map(({ priorPaidCents, chargeCents }, index) =>
    Math.min(chargeCents, Math.max(0, (priorPaidCents ?? 0) + (rest[index] ?? 0))),
  );
}

const isPatient = ({ group }: { readonly group: string }): boolean => group === 'PR';
const sumOf = (adjustments: PriorPayer['adjustments']): number => adjustments.reduce((sum, { cents }) => sum + cents, 0);

/** What the last payer left to the patient in all; null = it did not tell. What it allowed, all payers together paid of. */
function patientTotal(last: PriorPayer | undefined, paidCents: number): number | null {
  if (last === undefined) return null;
  if (last.patientCents !== null) return last.patientCents;
  if (last.adjustments.length > 0) return sumOf(last.adjustments.filter(isPatient));
  return last.allowedCents === null ? null : Math.max(0, last.allowedCents - paidCents);
}

/**
 * Told line by line. What a line leaves unexplained of what is open, the adjustments of the claim explain, and they may only
 * repeat what the lines told; where there are none, it was left to the patient.
 */
function patientToldByLine({ lines }: ClaimSubmitted, open: readonly number[], told: PriorPayer['adjustments']): number[] {
  const byLine = Map.groupBy(told, ({ line }) => line);
  const ofClaim = byLine.get(0) ?? [];
  const unexplained = lines.map(({ line }, index) => Math.max(0, (open[index] ?? 0) - sumOf(byLine.get(line) ?? [])));
  const most = unexplained.reduce((sum, cents) => sum + cents, 0);
  const rest = ofClaim.length === 0 ? unexplained : spread(Math.min(most, Math.max(0, sumOf(ofClaim.filter(isPatient)))), unexplained);
  return lines.map(({ line }, index) => sumOf((byLine.get(line) ?? []).filter(isPatient)) + (rest[index] ?? 0));
}

function patientByLine(claim: ClaimSubmitted, paid: readonly number[]): number[] {
  const last = lastPayer(claim.priorPayers);
  const open = claim.lines.map(({ chargeCents }, index) => chargeCents - (paid[index] ?? 0));
  const told = last?.adjustments ?? [];
  if (told.some(({ line }) => line > 0)) return patientToldByLine(claim, open, told);
  const total = patientTotal(
    last,
    paid.reduce((sum, cents) => sum + cents, 0),
  );
  return total === null ? open : spread(Math.max(0, total), open);
}

/**
 * What payers before made of each line, in the order of the lines; undefined = there was none. What they told for the claim as
 * a whole is spread over the lines in proportion to the charges; what they did not tell they left to the patient.
 *
 * @see X12 005010X222A1 loops 2320, 2430: amounts come by claim or by line, as the payer before decided them
 */
export function priorPaymentsOf(claim: ClaimSubmitted): readonly PriorPayment[] | undefined {
  if (claim.priorPayers.length === 0 && claim.lines.every(({ priorPaidCents }) => priorPaidCents === null)) return undefined;
  const paid = paidByLine(claim);
  const patient = patientByLine(claim, paid);
  return claim.lines.map(({ chargeCents }, index) => {
    const paidCents = paid[index] ?? 0;
    return { paidCents, patientCents: Math.min(chargeCents - paidCents, Math.max(0, patient[index] ?? 0)) };
  });
}

/** What they made of the units that count: those that an edit cut take their part with them. */
export function priorOfUnits(prior: PriorPayment | undefined, { line, chargeCents }: LineCase): PriorPayment | undefined {
  if (prior === undefined || chargeCents === line.chargeCents) return prior;
  const part = { numerator: chargeCents, denominator: line.chargeCents };
  const paidCents = shareOf(prior.paidCents, part, 'half-up');
  return { paidCents, patientCents: Math.min(chargeCents - paidCents, shareOf(prior.patientCents, part, 'half-up')) };
}
