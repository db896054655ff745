import type { AlarmTrack } from '../alarms/alarm-track.ts';
import type { RuleCode } from '../alarms/finding.ts';
import { zeroDoubles } from '../doubles.ts';
import { vitalCount } from '../vitals.ts';
import { Pane, type PaneContent } from '../windows/pane.ts';
import { BaselineCache } from './baseline-cache.ts';

/** A closed window that can still be corrected: how often and with how many readings each vital was told. */
export interface EmittedWindow {
  readonly start: number;
  readonly revisions: readonly number[];
  readonly counts: readonly number[];
}

export interface Place {
  readonly hospital: string;
  readonly ward: string;
  readonly room: string;
}

/** Where a patient's event time stands. Times in milliseconds since the epoch; −∞ = never. */
export interface PatientClock extends Place {
  maxObservedAt: number;
  /** Ingestion time of the newest reading. */
  receivedAt: number;
  /** The task's clock when it last processed something of the patient. */
  processedAt: number;
  /** Whether the newest reading was historic. */
  historic: boolean;
  /** Per vital, when it was last measured. */
  lastAt: number[];
  /** Per vital, the time between its last two measurements; 0 = unknown. */
  gaps: number[];
  hospital: string;
  ward: string;
  room: string;
}

const perVitalOf = (value: number): number[] => zeroDoubles(vitalCount).fill(value);

const newClock = (): PatientClock => ({
  maxObservedAt: Number.NEGATIVE_INFINITY,
  receivedAt: 0,
  processedAt: 0,
  historic: false,
  lastAt: perVitalOf(Number.NEGATIVE_INFINITY),
  gaps: perVitalOf(0),
  hospital: '',
  ward: '',
  room: '',
});

/** What a patient was before the open batch. */
interface Before {
  readonly clock: PatientClock;
  readonly panes: readonly Pane[];
  readonly contents: Map<Pane, PaneContent>;
  readonly emitted: readonly EmittedWindow[];
  readonly alarms: readonly AlarmTrack[];
}

/** Which of a patient's rows the open batch changed. */
export interface PatientChanges {
  readonly clock: boolean;
  /** Starts of panes that were changed, added or removed. */
  readonly paneStarts: ReadonlySet<number>;
  readonly memory: boolean;
}

/** Everything the task knows of one patient. Changed in place inside a batch, which can be taken back. */
export class Patient {
  readonly token: string;
  #clock: PatientClock = newClock();
  /** Oldest first, without gaps in meaning: an absent pane holds nothing. */
  panes: Pane[] = [];
  emitted: readonly EmittedWindow[] = [];
  alarms: readonly AlarmTrack[] = [];
  /** Some window may hold readings that were not told yet. Derived, not kept: true after a restore, until looked at. */
  open = false;
  readonly baselines = new BaselineCache();
  #before: Before | null = null;
  #clockChanged = false;
  #paneStarts = new Set<number>();
  /** The pane that the open batch changed last: nearly always the one that the next reading goes to. */
  #editing: Pane | null = null;
  readonly #onBegin: (patient: Patient) => void;

  /** @param onBegin  told once per batch, before the first change */
  constructor(token: string, onBegin: (patient: Patient) => void) {
    this.token = token;
    this.#onBegin = onBegin;
  }

  get clock(): Readonly<PatientClock> {
    return this.#clock;
  }

  /** The clock, to be changed. */
  editClock(): PatientClock {
    this.begin();
    this.#clockChanged = true;
    return this.#clock;
  }

  /** Remembers the patient as it is, once per batch. */
  begin(): void {
    if (this.#before !== null) return;
    this.#onBegin(this);
    const clock = this.#clock;
    this.#before = {
      clock: { ...clock, lastAt: clock.lastAt.slice(), gaps: clock.gaps.slice() },
      panes: this.panes.slice(),
      contents: new Map(),
      emitted: this.emitted,
      alarms: this.alarms,
    };
  }

  /** The pane that starts there, or undefined. Newest first: that is where readings go. */
  paneAt(start: number): Pane | undefined {
    for (let index = this.panes.length - 1; index >= 0; index--) {
      const pane = this.panes[index] as Pane;
      if (pane.start === start) return pane;
      if (pane.start < start) return undefined;
    }
    return undefined;
  }

  /** The pane that starts there, to be changed; made where there is none. */
  editPane(start: number): Pane {
    if (this.#editing?.start === start) return this.#editing;
    this.begin();
    let pane = this.paneAt(start);
    if (pane === undefined) this.addPane((pane = new Pane(start)));
    else if (!this.#paneStarts.has(start)) this.#before?.contents.set(pane, pane.copyContent());
    this.#paneStarts.add(start);
    this.#editing = pane;
    return pane;
  }

  addPane(pane: Pane): void {
    let index = this.panes.length;
    while (index > 0 && (this.panes[index - 1] as Pane).start > pane.start) index--;
    this.panes.splice(index, 0, pane);
  }

  removePane(start: number): void {
    this.panes = this.panes.filter((pane) => pane.start !== start);
    this.baselines.invalidate();
  }

  /** Forgets panes that start before `start`. */
  dropPanesBefore(start: number): void {
    let gone = 0;
    while (gone < this.panes.length && (this.panes[gone] as Pane).start < start) gone++;
    if (gone === 0) return;
    this.begin();
    this.#editing = null;
    for (const pane of this.panes.splice(0, gone)) this.#paneStarts.add(pane.start);
  }

  alarmOf(rule: RuleCode, vital: number): AlarmTrack | undefined {
    for (const track of this.alarms) if (track.rule === rule && track.vital === vital) return track;
    return undefined;
  }

  /** Puts `next` in the place of `current`; undefined = there was none, or nothing is to be remembered. */
  setAlarm(current: AlarmTrack | undefined, next: AlarmTrack | undefined): void {
    this.begin();
    const others = current === undefined ? this.alarms : this.alarms.filter((track) => track !== current);
    this.alarms = next === undefined ? others : [...others, next];
  }

  changes(): PatientChanges {
    const before = this.#before;
    return {
      clock: this.#clockChanged,
      paneStarts: this.#paneStarts,
      memory: before !== null && (before.emitted !== this.emitted || before.alarms !== this.alarms),
    };
  }

  /** Puts the clock back as the changelog tells it. */
  restoreClock(clock: PatientClock): void {
    this.#clock = clock;
  }

  /** Starts of the panes that the changelog holds. */
  committedPaneStarts(): readonly number[] {
    return (this.#before?.panes ?? this.panes).map(({ start }) => start);
  }

  merge(): void {
    this.#before = null;
    this.#clockChanged = false;
    this.#editing = null;
    if (this.#paneStarts.size > 0) this.#paneStarts = new Set();
  }

  rollback(): void {
    const before = this.#before;
    if (before !== null) {
      for (const [pane, content] of before.contents) pane.putBack(content);
      this.#clock = before.clock;
      this.panes = [...before.panes];
      this.emitted = before.emitted;
      this.alarms = before.alarms;
      this.open = true;
      this.baselines.invalidate();
    }
    this.merge();
  }
}
