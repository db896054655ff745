import { topics, type FeeScheduleChanged, type LineReason } from '@vigil/contracts';
import type { LineCase } from './claim-case.ts';

const table = topics.feeScheduleChanged.name;

/** What a price came to when it was last explained. */
interface Explained {
  readonly units: number;
  readonly allowedCents: number;
  readonly reason: LineReason;
}

/** Only spares writing: a code is mostly billed with the same units, and a price that is gone takes its text with it. */
const explained = new WeakMap<FeeScheduleChanged, Explained>();

const rowOf = ({ scheduleId, code, modifier }: FeeScheduleChanged): string =>
  modifier === '' ? `${scheduleId} ${code}` : `${scheduleId} ${code} ${modifier}`;

/** Which price a line was allowed by, and what it came to. */
export function explainPrice({ price, units, allowedCents }: LineCase): LineReason {
  if (price === undefined) return { rule: 'FEE_SCHEDULE', table, row: '', version: 0, detail: `as charged: ${allowedCents} allowed` };
  const known = explained.get(price);
  if (known?.units === units && known.allowedCents === allowedCents) return known.reason;
  const detail = `${units / 1000} × ${price.unitCents} cents: ${allowedCents} allowed`;
  const reason = { rule: 'FEE_SCHEDULE', table, row: known?.reason.row ?? rowOf(price), version: price.version, detail };
  explained.set(price, { units, allowedCents, reason });
  return reason;
}
