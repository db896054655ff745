import type { AlarmTrack } from '../alarms/alarm-track.ts';
import type { RuleCode } from '../alarms/finding.ts';
import { Pane } from '../windows/pane.ts';
import { BaselineCache } from './baseline-cache.ts';
import { SavedNumbers } from './kept-numbers.ts';
import { copyClock, KeptClock, newClock, type PatientClock } from './patient-clock.ts';
import {
  clockNumbers,
  CUT,
  MAX_OBSERVED_AT,
  NEWEST_PANE,
  OPEN,
  ownPlace,
  QUIET_FROM,
  QUIET_TO,
  SAVED_IN,
  type PatientPlace,
} from './patient-numbers.ts';

/** A closed window that can still be corrected: how often and with how many readings each vital was told. */
export interface EmittedWindow {
  readonly start: number;
  readonly revisions: readonly number[];
  readonly counts: readonly number[];
}

/** What the patient was before the open batch. Panes and the rest are replaced as a whole when they change. */
interface Before {
  /** Where the times of its clock are kept; −1 = the batch did not change them. */
  timesAt: number;
  readonly clock: PatientClock;
  isClockChanged: boolean;
  panes: readonly Pane[];
  emitted: readonly EmittedWindow[];
  alarms: readonly AlarmTrack[];
  cut: number;
  /** Starts of panes that the batch changed, added or removed. */
  readonly paneStarts: number[];
  /** Panes of before the batch that it changed. */
  readonly changedPanes: Pane[];
}

const newBefore = (): Before => ({
  timesAt: -1,
  clock: newClock(),
  isClockChanged: false,
  panes: nothing,
  emitted: nothing,
  alarms: nothing,
  cut: 0,
  paneStarts: [],
  changedPanes: [],
});

// Where thousands of patients change in every commit, what remembers them would be most of what there is to collect.
const spare: Before[] = [];
const mostSpare = 8_192;
const nothing: readonly never[] = Object.freeze([]);

/** Leaves an array its memory, which a length of 0 would not. */
function empty(array: unknown[]): void {
  while (array.length > 0) array.pop();
}

/** Which of a patient's rows the open batch changed. */
export interface PatientChanges {
  readonly clock: boolean;
  readonly memory: boolean;
  /** Starts of panes that were changed, added or removed. */
  readonly paneStarts: readonly number[];
}

/** The open batch of a patient's ward. */
export interface PatientsBatch {
  readonly saved: SavedNumbers;
  /** Whom it changed, each once. */
  touched: Patient[];
}

/** Everything the task knows of one patient. Changed inside a batch, which can be taken back. */
export class Patient {
  readonly token: string;
  /** Oldest first; an absent pane holds nothing. */
  panes: readonly Pane[] = [];
  emitted: readonly EmittedWindow[] = [];
  alarms: readonly AlarmTrack[] = [];
  readonly baselines = new BaselineCache();
  readonly #place: PatientPlace;
  readonly #clock: KeptClock;
  /** Null = the open batch did not change the patient. */
  #before: Before | null = null;
  /** The pane that the open batch changed last: nearly always the one that the next reading goes to. */
  #editing: Pane | null = null;
  /** The newest pane, whose numbers lie among the patient's. */
  #newest: Pane | null = null;
  /** Start of the pane that stands in the patient's own row of the changelog; null = none does. */
  #paneInRow: number | null = null;
  readonly #batch: PatientsBatch;

  constructor(token: string, batch: PatientsBatch = { saved: new SavedNumbers(), touched: [] }, place = ownPlace()) {
    this.token = token;
    this.#batch = batch;
    this.#place = place;
    place.block.numbers.fill(0, place.base, place.base + NEWEST_PANE);
    this.#clock = new KeptClock(place);
  }

  get slot(): number {
    return this.#place.slot;
  }

  /** Some window may hold readings that were not told yet. Derived, not kept: true after a restore, until looked at. */
  get open(): boolean {
    return this.#number(OPEN) === 1;
  }

  set open(open: boolean) {
    this.#setNumber(OPEN, open ? 1 : 0);
    // The first reading of a patient without open windows is counted anew by the handler.
    if (!open) this.endQuiet();
  }

  /** By which change of the windows' size it is cut (`RulesInForce.cut`); 0 = by one of before this process. Not kept. */
  get cut(): number {
    return this.#number(CUT);
  }

  set cut(cut: number) {
    this.#setNumber(CUT, cut);
  }

  #number(which: number): number {
    return this.#place.block.numbers[this.#place.base + which] as number;
  }

  #setNumber(which: number, value: number): void {
    this.#place.block.numbers[this.#place.base + which] = value;
  }

  get clock(): Readonly<PatientClock> {
    return this.#clock;
  }

  /** Remembers the patient as it is, once per batch. */
  begin(): void {
    if (this.#before === null) this.#begin();
  }

  #begin(): Before {
    const before = spare.pop() ?? newBefore();
    before.panes = this.panes;
    before.emitted = this.emitted;
    before.alarms = this.alarms;
    before.cut = this.cut;
    this.#before = before;
    this.#batch.touched.push(this);
    return before;
  }

  /** The clock, of which nothing but its times is to be changed. */
  editTimes(): PatientClock {
    const before = this.#before ?? this.#begin();
    if (before.timesAt >= 0) return this.#clock;
    const { block, base } = this.#place;
    before.timesAt = this.#batch.saved.save(block.numbers, base + MAX_OBSERVED_AT, clockNumbers);
    return this.#clock;
  }

  /** The clock, to be changed. */
  editClock(): PatientClock {
    this.editTimes();
    const before = this.#before as Before;
    if (before.isClockChanged) return this.#clock;
    copyClock(this.#clock, before.clock);
    before.isClockChanged = true;
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
    const { paneStarts, changedPanes } = this.#before ?? this.#begin();
    const isChanged = paneStarts.includes(start);
    const known = this.paneAt(start);
    const pane = known ?? new Pane(start);
    if (known === undefined) this.addPane(pane);
    else if (!isChanged) changedPanes.push(known.remember(this.#batch.saved));
    if (!isChanged) paneStarts.push(start);
    this.#editing = pane;
    return pane;
  }

  /** The pane, to be changed, where a reading of that time changes nothing else but the clock; null where more may follow. */
  editQuietPane(observedAt: number): Pane | null {
    const newest = this.#newest;
    if (newest === null || !(observedAt >= this.#number(QUIET_FROM) && observedAt < this.#number(QUIET_TO))) return null;
    return newest === this.#editing ? newest : this.editPane(newest.start);
  }

  /**
   * Says for which readings that holds of the newest pane, until something else is done to the panes or the batch is taken
   * back.
   */
  beQuiet(from: number, to: number): void {
    this.#setNumber(QUIET_FROM, from);
    this.#setNumber(QUIET_TO, to);
  }

  endQuiet(): void {
    this.#setNumber(QUIET_TO, Number.NEGATIVE_INFINITY);
    this.#setNumber(SAVED_IN, 0);
  }

  /**
   * Saves clock and newest pane, so that until the end of the batch readings of the quiet span may change their numbers
   * where they lie. False = a baseline of its own would have to be changed, too.
   */
  saveNumbers(batch: number): boolean {
    const newest = this.#newest;
    if (newest === null || newest.hasBaseline) return false;
    this.editPane(newest.start);
    this.editTimes();
    this.#setNumber(SAVED_IN, batch);
    return true;
  }

  /** Keeps the event id that lies among the newest pane's numbers as text for some vitals, a bit each. */
  keepId(vitals: number): void {
    this.#newest?.keepId(vitals);
  }

  /** The newest pane's numbers are beside the clock's. */
  #setPanes(panes: readonly Pane[]): void {
    this.panes = panes;
    const newest = panes.at(-1) ?? null;
    if (newest === this.#newest) return;
    this.#newest?.moveOut();
    this.#newest = newest;
    const { block, base } = this.#place;
    newest?.moveIn({ block, base: base + NEWEST_PANE });
    this.#setNumber(SAVED_IN, 0);
  }

  addPane(pane: Pane): void {
    let index = this.panes.length;
    while (index > 0 && (this.panes[index - 1] as Pane).start > pane.start) index--;
    this.#setPanes(this.panes.toSpliced(index, 0, pane));
  }

  removePane(start: number): void {
    this.#setPanes(this.panes.filter((pane) => pane.start !== start));
    this.endQuiet();
    this.baselines.invalidate();
  }

  /** Forgets panes that start before `start`. */
  dropPanesBefore(start: number): void {
    let gone = 0;
    while (gone < this.panes.length && (this.panes[gone] as Pane).start < start) gone++;
    if (gone === 0) return;
    const { paneStarts } = this.#before ?? this.#begin();
    this.#editing = null;
    this.endQuiet();
    for (const pane of this.panes.slice(0, gone)) if (!paneStarts.includes(pane.start)) paneStarts.push(pane.start);
    this.#setPanes(this.panes.slice(gone));
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
    return { clock: before !== null && before.timesAt >= 0, memory, paneStarts: before?.paneStarts ?? nothing };
  }

  /** Start of the pane that the changelog holds in the patient's own row; null = none. */
  get paneInRow(): number | null {
    return this.#paneInRow;
  }

  /** Puts back what stands in the patient's own row. */
  restoreRow(clock: PatientClock, pane: Pane | null): void {
    copyClock(clock, this.#clock);
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
    const before = this.#before;
    if (before === null) return;
    for (const pane of before.changedPanes) pane.forget();
    this.#paneInRow = this.panes.at(-1)?.start ?? null;
    this.#endBatch();
    if (spare.length === mostSpare) return;
    before.timesAt = -1;
    before.isClockChanged = false;
    before.panes = nothing;
    before.emitted = nothing;
    before.alarms = nothing;
    empty(before.paneStarts);
    empty(before.changedPanes);
    spare.push(before);
  }

  rollback(): void {
    const before = this.#before;
    if (before === null) return;
    for (const pane of before.changedPanes) pane.putBack(this.#batch.saved);
    if (before.isClockChanged) copyClock(before.clock, this.#clock);
    const { block, base } = this.#place;
    if (before.timesAt >= 0) this.#batch.saved.putBack(before.timesAt, block.numbers, base + MAX_OBSERVED_AT, clockNumbers);
    this.#setPanes(before.panes);
    this.emitted = before.emitted;
    this.alarms = before.alarms;
    this.cut = before.cut;
    this.open = true;
    this.baselines.invalidate();
    this.endQuiet();
    this.#endBatch();
  }

  #endBatch(): void {
    this.#before = null;
    this.#editing = null;
  }
}
