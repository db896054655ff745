import type { AlarmTrack } from '../alarms/alarm-track.ts';
import type { RuleCode } from '../alarms/finding.ts';
import { Pane } from '../windows/pane.ts';
import { BaselineCache } from './baseline-cache.ts';
import { copyOfClock, newClock, type PatientClock } from './patient-clock.ts';

/** A closed window that can still be corrected: how often and with how many readings each vital was told. */
export interface EmittedWindow {
  readonly start: number;
  readonly revisions: readonly number[];
  readonly counts: readonly number[];
}

/** What is replaced as a whole when it changes. */
interface Before {
  readonly panes: readonly Pane[];
  readonly emitted: readonly EmittedWindow[];
  readonly alarms: readonly AlarmTrack[];
}

/** Which of a patient's rows the open batch changed. */
export interface PatientChanges {
  readonly clock: boolean;
  readonly memory: boolean;
  /** Starts of panes that were changed, added or removed. */
  readonly paneStarts: readonly number[];
}

/** Everything the task knows of one patient. Changed inside a batch, which can be taken back. */
export class Patient {
  readonly token: string;
  /** Oldest first; an absent pane holds nothing. */
  panes: readonly Pane[] = [];
  emitted: readonly EmittedWindow[] = [];
  alarms: readonly AlarmTrack[] = [];
  /** Some window may hold readings that were not told yet. Derived, not kept: true after a restore, until looked at. */
  open = false;
  readonly baselines = new BaselineCache();
  #clock: PatientClock = newClock();
  /** The clock before the open batch; null = it was not changed. */
  #clockBefore: PatientClock | null = null;
  #before: Before | null = null;
  #paneStarts: number[] = [];
  /** Panes of before the batch that it changed. */
  #changedPanes: Pane[] = [];
  /** The pane that the open batch changed last: nearly always the one that the next reading goes to. */
  #editing: Pane | null = null;
  /** Readings from `#quietFrom` to before `#quietTo` belong into this pane and change nothing else but the clock. */
  #quietPane: Pane | null = null;
  #quietFrom = 0;
  #quietTo = 0;
  /** Start of the pane that stands in the patient's own row of the changelog; null = none does. */
  #paneInRow: number | null = null;
  readonly #onBegin: (patient: Patient) => void;

  /** @param onBegin  told once per batch, before the first change */
  constructor(token: string, onBegin: (patient: Patient) => void) {
    this.token = token;
    this.#onBegin = onBegin;
  }

  get clock(): Readonly<PatientClock> {
    return this.#clock;
  }

  /** Remembers the patient as it is, once per batch. */
  begin(): void {
    if (this.#before !== null) return;
    this.#before = { panes: this.panes, emitted: this.emitted, alarms: this.alarms };
    this.#onBegin(this);
  }

  /** The clock, to be changed. */
  editClock(): PatientClock {
    this.begin();
    this.#clockBefore ??= copyOfClock(this.#clock);
    return this.#clock;
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
    const isChanged = this.#paneStarts.includes(start);
    const known = this.paneAt(start);
    const pane = known ?? new Pane(start);
    if (known === undefined) this.addPane(pane);
    else if (!isChanged) this.#changedPanes.push(known.remember());
    if (!isChanged) this.#paneStarts.push(start);
    this.#editing = pane;
    return pane;
  }

  /** The pane, to be changed, where a reading of that time changes nothing else but the clock; null where more may follow. */
  editQuietPane(observedAt: number): Pane | null {
    const quiet = this.#quietPane;
    if (quiet === null || observedAt < this.#quietFrom || observedAt >= this.#quietTo) return null;
    return quiet === this.#editing ? quiet : this.editPane(quiet.start);
  }

  /** Says for which readings that holds, until something else is done to the panes or the batch is taken back. */
  beQuiet(pane: Pane, from: number, to: number): void {
    this.#quietPane = pane;
    this.#quietFrom = from;
    this.#quietTo = to;
  }

  endQuiet(): void {
    this.#quietPane = null;
  }

  addPane(pane: Pane): void {
    let index = this.panes.length;
    while (index > 0 && (this.panes[index - 1] as Pane).start > pane.start) index--;
    this.panes = this.panes.toSpliced(index, 0, pane);
  }

  removePane(start: number): void {
    this.panes = this.panes.filter((pane) => pane.start !== start);
    this.endQuiet();
    this.baselines.invalidate();
  }

  /** Forgets panes that start before `start`. */
  dropPanesBefore(start: number): void {
    let gone = 0;
    while (gone < this.panes.length && (this.panes[gone] as Pane).start < start) gone++;
    if (gone === 0) return;
    this.begin();
    this.#editing = null;
    this.endQuiet();
    for (const pane of this.panes.slice(0, gone)) if (!this.#paneStarts.includes(pane.start)) this.#paneStarts.push(pane.start);
    this.panes = this.panes.slice(gone);
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
    const memory = before !== null && (before.emitted !== this.emitted || before.alarms !== this.alarms);
    return { clock: this.#clockBefore !== null, memory, paneStarts: this.#paneStarts };
  }

  /** Start of the pane that the changelog holds in the patient's own row; null = none. */
  get paneInRow(): number | null {
    return this.#paneInRow;
  }

  /** Puts back what stands in the patient's own row. */
  restoreRow(clock: PatientClock, pane: Pane | null): void {
    this.#clock = clock;
    // What stood here before is gone; where it is not, a row of its own follows in the same commit.
    if (this.#paneInRow !== null) this.removePane(this.#paneInRow);
    this.#paneInRow = pane?.start ?? null;
    if (pane !== null) this.restorePane(pane);
  }

  restorePane(pane: Pane): void {
    this.removePane(pane.start);
    this.addPane(pane);
  }

  /** Starts of the panes that the changelog holds. */
  committedPaneStarts(): readonly number[] {
    return (this.#before?.panes ?? this.panes).map(({ start }) => start);
  }

  merge(): void {
    for (const pane of this.#changedPanes) pane.forget();
    this.#paneInRow = this.panes.at(-1)?.start ?? null;
    this.#endBatch();
  }

  rollback(): void {
    if (this.#before === null) return;
    for (const pane of this.#changedPanes) pane.putBack();
    if (this.#clockBefore !== null) this.#clock = this.#clockBefore;
    this.panes = this.#before.panes;
    this.emitted = this.#before.emitted;
    this.alarms = this.#before.alarms;
    this.open = true;
    this.baselines.invalidate();
    this.endQuiet();
    this.#endBatch();
  }

  #endBatch(): void {
    this.#before = null;
    this.#clockBefore = null;
    this.#editing = null;
    this.#paneStarts = [];
    this.#changedPanes = [];
  }
}
