import type { Outcome, SeenAlert, SentLog, Verdict } from './outcome.ts';

const mostFindings = 20;

type Tell = (what: string) => void;

function counted(ids: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

interface Telling {
  readonly tell: Tell;
  readonly allowed?: (id: string) => number;
}

/** How many of `counts` are there more often than `allowed` (once), each told. */
function surplus(counts: ReadonlyMap<string, number>, where: string, { tell, allowed = () => 1 }: Telling): number {
  let sum = 0;
  for (const [id, count] of counts) {
    const over = count - allowed(id);
    if (over <= 0) continue;
    sum += over;
    tell(`${id} is ${count} times ${where}`);
  }
  return sum;
}

interface Places {
  readonly received: ReadonlyMap<string, number>;
  readonly accepted: ReadonlyMap<string, number>;
  readonly quarantined: ReadonlyMap<string, number>;
  readonly stored: ReadonlyMap<string, number>;
}

/** What was acknowledged, or is on the log whatever the sender was told, must have come to exactly one end. */
function countLost({ states, malformed }: SentLog, places: Places, tell: Tell): number {
  let lost = 0;
  const missing = (id: string, where: string): void => {
    lost++;
    tell(`${id} is not ${where}`);
  };
  for (const [id, state] of states) {
    if (!places.received.has(id)) {
      if (state === 'acked') missing(id, 'on the received topic although acknowledged');
    } else if (malformed.has(id)) {
      if ((places.quarantined.get(id) ?? 0) < (places.received.get(id) ?? 0)) missing(id, 'in quarantine as often as it was received');
    } else if (!places.accepted.has(id)) missing(id, 'on the accepted topic');
    else if (!places.stored.has(id)) missing(id, 'in clinical.vital_reading');
  }
  return lost;
}

function countPhantoms({ states, malformed }: SentLog, { accepted, quarantined, stored }: Places, tell: Tell): number {
  let phantoms = 0;
  const look = (ids: Iterable<string>, isRight: (id: string) => boolean, where: string): void => {
    for (const id of ids) {
      if (isRight(id)) continue;
      phantoms++;
      tell(`${id} is ${where} and was never sent as such`);
    }
  };
  const isReading = (id: string): boolean => states.has(id) && !malformed.has(id);
  look(accepted.keys(), isReading, 'on the accepted topic');
  look(stored.keys(), isReading, 'in clinical.vital_reading');
  look(quarantined.keys(), (id) => malformed.has(id), 'in quarantine');
  return phantoms;
}

function countOrderViolations({ accepted }: Outcome, tell: Tell): number {
  const last = new Map<string, number>();
  let violations = 0;
  for (const { producer, seq, place } of accepted) {
    const before = last.get(producer) ?? -1;
    if (seq < before) {
      violations++;
      tell(`${producer}: ${seq} at ${place} comes after ${before}`);
    }
    last.set(producer, Math.max(before, seq));
  }
  return violations;
}

const isOfDeterioration = ({ rule, vital }: SeenAlert): boolean => rule === 'limit-high' && vital === 'heart_rate';

/** Each patient who got worse has exactly one alert, raised once and delivered; nobody else has one. */
function judgeAlerts({ deteriorating }: SentLog, { alerts, pagedAlerts }: Outcome, tell: Tell) {
  const raised = alerts.filter(({ change }) => change === 'raised');
  let doubled = surplus(counted(raised.map(({ alertId }) => alertId)), 'raised', { tell });
  let missing = 0;
  const byProducer = Map.groupBy(raised.filter(isOfDeterioration), ({ producer }) => producer);
  for (const producer of deteriorating) {
    const ids = new Set((byProducer.get(producer) ?? []).map(({ alertId }) => alertId));
    const [alertId] = ids;
    if (alertId === undefined || !pagedAlerts.has(alertId)) {
      missing++;
      tell(`${producer} got worse: ${alertId === undefined ? 'no alert' : 'an alert that no provider took'}`);
    }
    if (ids.size > 1) {
      doubled += ids.size - 1;
      tell(`${producer} got worse once and has ${ids.size} alerts`);
    }
  }
  const invented = [...byProducer.keys()].filter((producer) => producer !== undefined && !deteriorating.has(producer));
  for (const producer of invented) tell(`${producer} did not get worse and has an alert`);
  return { missing, doubled, invented: invented.length };
}

/** Holds what came out against what was sent. Total: whatever the outcome is, it is told in figures. */
export function checkOutcome(sent: SentLog, outcome: Outcome): Verdict {
  const findings: string[] = [];
  const tell: Tell = (what) => void (findings.length < mostFindings && findings.push(what));
  const known = outcome.quarantined.filter((id) => id !== undefined);
  const places: Places = {
    received: counted(outcome.received),
    accepted: counted(outcome.accepted.map(({ id }) => id)),
    quarantined: counted(known),
    stored: counted(outcome.stored),
  };
  const strangers = outcome.quarantined.length - known.length;
  if (strangers > 0) tell(`${strangers} records in quarantine whose origin is nothing that was sent`);
  const { warehouse } = outcome;
  const missingRows = Math.max(0, places.accepted.size - warehouse.readings);
  if (missingRows > 0) tell(`the warehouse has ${warehouse.readings} readings of ${places.accepted.size}`);
  const inventedRows = Math.max(0, warehouse.readings - places.accepted.size);
  if (inventedRows > 0) tell(`the warehouse has ${warehouse.readings} readings, and only ${places.accepted.size} were accepted`);
  if (warehouse.rows > warehouse.readings) tell(`the warehouse has ${warehouse.rows} rows of ${warehouse.readings} readings`);
  const alerts = judgeAlerts(sent, outcome, tell);
  return {
    sent: sent.sent,
    acked: sent.acked,
    output: outcome.accepted.length,
    dlq: outcome.quarantined.length,
    duplicate: [...places.received].reduce((sum, [id, count]) => sum + (sent.malformed.has(id) ? 0 : count - 1), 0),
    late: outcome.late,
    suppressed: 0,
    lost: countLost(sent, places, tell) + missingRows,
    duplicated:
      surplus(places.accepted, 'on the accepted topic', { tell }) +
      // What nobody can read has no identity to be known again by: it is refused as often as the topic holds it.
      surplus(places.quarantined, 'in quarantine', { tell, allowed: (id) => Math.max(1, places.received.get(id) ?? 0) }) +
      surplus(places.stored, 'in clinical.vital_reading', { tell }) +
      surplus(counted(outcome.windows), 'on the topic of closed windows', { tell }) +
      (warehouse.rows - warehouse.readings),
    phantom: countPhantoms(sent, places, tell) + strangers + inventedRows + alerts.invented,
    orderViolations: countOrderViolations(outcome, tell),
    alertsMissing: alerts.missing,
    alertsDoubled: alerts.doubled,
    findings,
  };
}

/** Whether nothing is lost, doubled, made up, out of order or wrong with the alerts. */
export const isExact = ({ lost, duplicated, phantom, orderViolations, alertsMissing, alertsDoubled }: Verdict): boolean =>
  lost + duplicated + phantom + orderViolations + alertsMissing + alertsDoubled === 0;
