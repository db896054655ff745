import type { Action } from './action.ts';
import { dedupKeyOf, type Incident, type Page } from './incident.ts';
import { nextStepOf } from './next-step.ts';
import { composePage, type PageText } from './page-text.ts';
import type { Address, Channel, Pace } from './route.ts';

/** A change as the timeline and `alerts.incident.changed.v1` name it. */
export type Change =
  | 'recorded'
  | 'held'
  | 'opened'
  | 'accepted'
  | 'escalated'
  | 'acknowledged'
  | 'rearmed'
  | 'resolved'
  | 'undelivered'
  | 'quarantined';

export interface TimelineEntry {
  readonly seq: number;
  readonly change: Change;
  readonly channel: Channel | 'console' | '';
  readonly step: number;
  readonly at: number;
}

/** One message for the outbox; `address` names a key, never the key itself. */
export interface Message extends Address {
  readonly seq: number;
  readonly dedupKey: string;
  readonly page: number;
  readonly action: Action;
  readonly text: PageText;
}

/** What became of an incident, all of which is stored in one transaction. */
export interface Decision {
  readonly incident: Incident;
  readonly timeline: readonly TimelineEntry[];
  readonly messages: readonly Message[];
}

/** An incident while it is being decided about: changes of it, of its timeline and of the outbox are collected. */
export class Draft {
  incident: Incident;
  readonly nowMs: number;
  readonly #timeline: TimelineEntry[] = [];
  readonly #messages: Message[] = [];

  constructor(incident: Incident, nowMs: number) {
    this.incident = incident;
    this.nowMs = nowMs;
  }

  set(changes: Partial<Incident>): void {
    this.incident = { ...this.incident, ...changes };
  }

  setPage(page: Page): void {
    const known = this.incident.pages.some(({ number }) => number === page.number);
    const pages = known ? this.incident.pages.map((old) => (old.number === page.number ? page : old)) : [...this.incident.pages, page];
    this.set({ pages });
  }

  note(change: Change, channel: TimelineEntry['channel'] = ''): void {
    this.#timeline.push({ seq: this.#nextSeq(), change, channel, step: this.incident.step, at: this.nowMs });
  }

  send(page: Page, { channel, address }: Address, action: Action): void {
    const { incident, nowMs } = this;
    const text = composePage(incident, { page, action, nowMs });
    const dedupKey = dedupKeyOf(incident.incidentId, page.number);
    this.#messages.push({ seq: this.#nextSeq(), channel, address, dedupKey, page: page.number, action, text });
  }

  /** Ends the draft; from its state and pace follows when it has to be looked at again. */
  decide(pace: Pace): Decision {
    this.set({ nextStepAt: nextStepOf(this.incident, pace) });
    return { incident: this.incident, timeline: this.#timeline, messages: this.#messages };
  }

  #nextSeq(): number {
    this.set({ seq: this.incident.seq + 1 });
    return this.incident.seq;
  }
}
