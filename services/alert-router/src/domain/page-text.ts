import type { Incident, Page } from './incident.ts';
import type { Severity } from './severity.ts';
import type { Action } from './action.ts';

/**
 * What a page says, for every channel. Never anything of the patient: no name, token, room, vital sign, value or date;
 * who opens the incident by its id sees what they are allowed to see.
 */
export interface PageText {
  readonly incidentId: string;
  readonly severity: Severity;
  readonly summary: string;
}

const olderThanMs = 60_000;

const ageOf = (ms: number): string => {
  const minutes = Math.floor(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
};

/** What a page says of a trouble of the fleet; of an unknown kind no word is passed on. */
const troubles: Readonly<Record<string, string>> = {
  'ledger-imbalance': 'the ledger does not balance',
  'stage-halted': 'a stage has halted itself',
  'group-stopped': 'a stage has stopped reading',
  'group-stalled': 'a stage does not get ahead',
  'processor-fault': 'our own code failed on a record',
  'parameters-refused': 'a stage cannot work by the deployed version of its workflow',
};

const subjectOf = ({ severity, kind, rule, about }: Incident): string => {
  if (about) return `Alert delivery trouble at ${about.channel}`;
  if (kind === 'operational') return `Vigil itself: ${troubles[rule] ?? 'a stage needs an engineer'}`;
  const grade = `${severity.charAt(0).toUpperCase()}${severity.slice(1)}`;
  return kind === 'technical' ? `${grade} technical alert at a monitor` : `${grade} patient alert`;
};

/** The text of one message; the age is said where it reaches people late. */
export function composePage(incident: Incident, { page, action, nowMs }: { page: Page; action: Action; nowMs: number }): PageText {
  const { incidentId, severity, receivedAt, about } = incident;
  const subject = subjectOf(incident);
  if (action === 'resolve') return { incidentId, severity, summary: `Over: ${subject}` };
  const ageMs = nowMs - receivedAt;
  const facts = [
    page.of > 1 && `step ${page.step + 1} of ${page.of}`,
    page.number > 1 && `page ${page.number}`,
    about === null && ageMs >= olderThanMs && `raised ${ageOf(ageMs)} ago`,
  ].filter((fact) => fact !== false);
  return { incidentId, severity, summary: facts.length > 0 ? `${subject} (${facts.join(', ')})` : subject };
}
