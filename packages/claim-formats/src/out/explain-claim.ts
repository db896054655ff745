import type { ClaimAdjudicated } from '@vigil/contracts';
import { dayText, moneyText, thousandthsText } from './x12-text.ts';

type Line = ClaimAdjudicated['lines'][number];
type Reason = Line['reasons'][number];

function reasonText({ rule, table, row, version, detail }: Reason): string {
  const source =
    table === '' ? '' : ` (${[table, row, version === 0 ? '' : `version ${version}`].filter((part) => part !== '').join(', ')})`;
  return `    because ${rule}${source}${detail === '' ? '' : `: ${detail}`}`;
}

function lineText(line: Line): string[] {
  const code = [line.procedureCode || line.revenueCode || 'no valid code', ...line.modifiers].join('-');
  const day = line.serviceFrom === null ? '' : ` on ${dayText(line.serviceFrom)}`;
  return [
    `  line ${line.line}: ${code} × ${thousandthsText(line.unitsThousandths)}${day}${line.denied ? ', denied' : ''}`,
    `    charge ${moneyText(line.chargeCents)}, allowed ${moneyText(line.allowedCents)}, paid ${moneyText(line.paidCents)}, patient ${moneyText(line.patientCents)}`,
    ...line.adjustments.map(({ group, carc, cents }) => `    ${group}-${carc} ${moneyText(cents)}`),
    ...(line.rarc.length > 0 ? [`    remarks ${line.rarc.join(', ')}`] : []),
    ...line.reasons.map(reasonText),
  ];
}

/**
 * Decisions about a claim line by line, in words: which rule, which row of which table, which version, and the money.
 *
 * @param decisions  in the order in which they were made
 */
export function explainClaim(decisions: readonly ClaimAdjudicated[]): string {
  const blocks = decisions.map((decision) => {
    const { outcome, kind, number, chargeCents, paidCents, patientCents, decidedAt, payerId, planId } = decision;
    const title = kind === 'reversal' ? 'reversal of an earlier decision' : `decision ${number}`;
    return [
      `claim ${decision.claimId}, ${title}: ${outcome} at ${new Date(decidedAt).toISOString()}`,
      `  payer ${payerId || 'unknown'}, plan ${planId || 'none found'}, received ${dayText(decision.receivedOn)}`,
      `  charge ${moneyText(chargeCents)} = paid ${moneyText(paidCents)} + adjustments ${moneyText(chargeCents - paidCents)}, of which the patient owes ${moneyText(patientCents)}`,
      ...decision.pendReasons.map(
        ({ code, field, line }) => `  waits for a person: ${code}${field === '' ? '' : ` (${field})`}${line === 0 ? '' : `, line ${line}`}`,
      ),
      ...decision.claimReasons.map((reason) => reasonText(reason).slice(2)),
      ...decision.lines.flatMap(lineText),
    ].join('\n');
  });
  return blocks.join('\n\n');
}
