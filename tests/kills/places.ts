import type { RunInput } from '@vigil/workflows';

/** Which process dies there. */
export type Victim = 'orchestrator' | 'worker';

/** What is played so that the place is reached; `plays/` holds them. */
export type PlayName = 'files' | 'people' | 'stage' | 'orphan' | 'tick' | 'leftover';

/** A place in the code of the orchestrator or of a worker at which the process is killed. */
export interface Place {
  readonly id: string;
  readonly victim: Victim;
  readonly play: PlayName;
}

export type Side = 'before' | 'after';
const sides: readonly Side[] = ['before', 'after'];

/** A step of a run is a transaction: nobody sees anything of it before its commit. */
export const stepPlace = (kind: string, side: Side): string => `step ${kind}, ${side} its commit`;
/** Hand-out of parts to workers, claim of what another process left, decision about a schedule. */
export const transactionPlace = (what: 'hand-out' | 'relay' | 'fire', side: Side): string => `${what}, ${side} its commit`;
/** Kafka has the message, the outbox does not know it yet. */
export const unmarkedPlace = (by: 'hand-out' | 'relay'): string => `${by}, published and not marked`;
export const fireWithoutRun = 'fire, before its run';
/** After: the broker has acknowledged it. */
export const reportPlace = (kind: string, side: Side): string => `report ${kind}, ${side} it is published`;
/** After the position is the group's, and before the attempt runs. */
export const positionPlace = (side: Side): string => `request, ${side} the position is committed`;
/** In the middle of a task: its records and its checkpoint are one transaction of Kafka. */
export const recordsPlace = (side: Side): string => `records of a task, ${side} their commit`;
/** In the middle of a task: what it made is kept in PostgreSQL. */
export const keptPlace = (side: Side): string => `report of a task, ${side} it is kept`;

/** Every kind of step that there is: a new one does not compile before it has its play. */
const stepPlays: Readonly<Record<RunInput['kind'], PlayName>> = {
  requested: 'files',
  started: 'files',
  progressed: 'stage',
  succeeded: 'files',
  failed: 'files',
  stopped: 'stage',
  lost: 'orphan',
  timer: 'files',
  approved: 'people',
  declined: 'people',
  'child-ended': 'files',
  pause: 'people',
  resume: 'people',
  cancel: 'stage',
  rerun: 'people',
  move: 'people',
};

/** Every kind of report, as the schema names them. */
const reportPlays: Readonly<Record<string, PlayName>> = {
  started: 'files',
  progressed: 'stage',
  succeeded: 'files',
  failed: 'files',
  cancelled: 'stage',
  heartbeat: 'stage',
};

const both = (victim: Victim, play: PlayName, id: (side: Side) => string): Place[] => sides.map((side) => ({ id: id(side), victim, play }));
const atOrchestrator = (play: PlayName, id: string): Place => ({ id, victim: 'orchestrator', play });

/** The one list of places: what is killed, what must be reached, and what the report tells. */
export const places: readonly Place[] = [
  ...both('orchestrator', 'files', (side) => transactionPlace('hand-out', side)),
  atOrchestrator('files', unmarkedPlace('hand-out')),
  ...both('orchestrator', 'leftover', (side) => transactionPlace('relay', side)),
  atOrchestrator('leftover', unmarkedPlace('relay')),
  atOrchestrator('tick', fireWithoutRun),
  ...both('orchestrator', 'tick', (side) => transactionPlace('fire', side)),
  ...Object.entries(reportPlays).flatMap(([kind, play]) => both('worker', play, (side) => reportPlace(kind, side))),
  ...both('worker', 'files', positionPlace),
  ...both('worker', 'files', recordsPlace),
  ...both('worker', 'files', keptPlace),
  ...Object.entries(stepPlays).flatMap(([kind, play]) => both('orchestrator', play, (side) => stepPlace(kind, side))),
];
