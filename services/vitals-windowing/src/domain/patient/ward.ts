import { BytesTable } from '@vigil/contracts';
import { noRow, type LyingRow } from './kept-rows.ts';
import { SavedNumbers, type NumberBlock } from './kept-numbers.ts';
import { baseOf, blockOf, CUT, newPatientBlock, OPEN, PROCESSED_AT } from './patient-numbers.ts';
import { Patient, type PatientsBatch } from './patient.ts';
import { ownRow, Sleepers } from './sleepers.ts';

/** Puts what a kept row tells into a patient. @param part  which of the patient's rows it is */
export type RowWaker = (patient: Patient, row: LyingRow, part: number) => void;

const nobodySleeps: RowWaker = () => undefined;

/** How `#byBytes` tells who sleeps from who is awake: by the sign. */
const sleeperOf = (number: number): number => -1 - number;

export const nobody = -1;

/**
 * The patients of one task, changed inside a batch that is committed (`merge`) or taken back (`rollback`) as a whole.
 *
 * After a restore patients sleep: of each there are only rows, as they were written, until somebody asks for the patient.
 * Nobody can tell the difference but by the time it takes.
 */
export class Ward {
  /** Who is awake. */
  readonly #patients = new Map<string, Patient>();
  /** All patients by the bytes of their tokens: the slot of one who is awake, below 0 the number of one who sleeps. */
  readonly #byBytes = new BytesTable<number>();
  /** Who is awake by slot, and in blocks, in the same order, their numbers. */
  #bySlot: (Patient | undefined)[] = [];
  #blocks: NumberBlock[] = [];
  #freeSlots: number[] = [];
  readonly #sleepers = new Sleepers();
  readonly #wakeRow: RowWaker;
  readonly #batch: PatientsBatch = { saved: new SavedNumbers(), touched: [] };
  /** Counts batches, so that what was noted for one ends with it. */
  batch = 1;
  #added: string[] = [];
  #dropped: Patient[] = [];
  /** Slots whose patients are gone: free when the batch ends, as until then it may be taken back. */
  #leaving: number[] = [];

  /** @param wakeRow  absent where no rows are kept */
  constructor(wakeRow: RowWaker = nobodySleeps) {
    this.#wakeRow = wakeRow;
  }

  get(token: string): Patient | undefined {
    const patient = this.#patients.get(token);
    return patient === undefined && this.#sleepers.count > 0 ? this.#wakeByToken(token) : patient;
  }

  /** The patient whose token lies from `from` to `to`. */
  find(bytes: Buffer, from: number, to: number): Patient | undefined {
    const found = this.#byBytes.get(bytes, from, to);
    if (found === undefined) return undefined;
    return found < 0 ? this.#wake(bytes.toString('utf8', from, to), sleeperOf(found)) : this.#bySlot[found];
  }

  /** Where the numbers of the patient lie whose token lies from `from` to `to`; `nobody` = of nobody who is awake. */
  slotOf(bytes: Buffer, from: number, to: number): number {
    const found = this.#byBytes.get(bytes, from, to);
    return found === undefined || found < 0 ? nobody : found;
  }

  at(slot: number): Patient {
    return this.#bySlot[slot] as Patient;
  }

  blockAt(slot: number): NumberBlock {
    return this.#blocks[blockOf(slot)] as NumberBlock;
  }

  all(): IterableIterator<Patient> {
    this.wake(Number.POSITIVE_INFINITY);
    return this.#patients.values();
  }

  /** The patients who do not sleep. */
  awake(): IterableIterator<Patient> {
    return this.#patients.values();
  }

  /**
   * Who of those awake was silent since then, or is cut by another size of windows: all of whom time alone makes something.
   * It goes by the numbers, as most of a million patients need not be looked at.
   */
  waiting({ silentSince, cut }: { readonly silentSince: number; readonly cut: number }): readonly Patient[] {
    const found: Patient[] = [];
    for (let slot = 0; slot < this.#bySlot.length; slot++) {
      const { numbers } = this.blockAt(slot);
      const base = baseOf(slot);
      if ((numbers[base + PROCESSED_AT] as number) > silentSince && numbers[base + CUT] === cut) continue;
      const patient = this.#bySlot[slot];
      if (patient !== undefined && this.#patients.get(patient.token) === patient) found.push(patient);
    }
    return found;
  }

  /** How many of those awake have open windows. */
  open(): number {
    let count = 0;
    for (let slot = 0; slot < this.#bySlot.length; slot++) count += this.blockAt(slot).numbers[baseOf(slot) + OPEN] as number;
    return count;
  }

  get asleep(): number {
    return this.#sleepers.count;
  }

  /** Wakes so many of those who sleep. */
  wake(most: number): void {
    for (let left = most; left > 0; left--) {
      const token = this.#sleepers.anyToken();
      if (token === null) return;
      this.#wakeByToken(token);
    }
  }

  /** Keeps a row of a patient, outside any batch. False = the patient is awake, and it must be restored. */
  keep(row: LyingRow, part: number): boolean {
    const { bytes, tokenFrom, tokenTo } = row;
    const found = this.#byBytes.get(bytes, tokenFrom, tokenTo);
    if (found === undefined) this.#byBytes.setAt(bytes, tokenFrom, tokenTo, sleeperOf(this.#sleepers.add(row, part)));
    else if (found < 0) this.#sleepers.put(sleeperOf(found), row, part);
    else return false;
    return true;
  }

  /** A row of a patient is gone; with the own one all are. False = the patient is awake, and it must be restored. */
  keepAway({ bytes, tokenFrom, tokenTo }: LyingRow, part: number): boolean {
    const found = this.#byBytes.get(bytes, tokenFrom, tokenTo);
    if (found === undefined) return true;
    if (found >= 0) return false;
    const first = sleeperOf(found);
    if (part === ownRow) this.#sleepers.release(first);
    const left = part === ownRow ? noRow : this.#sleepers.take(first, part);
    if (left === noRow) this.#byBytes.deleteAt(bytes, tokenFrom, tokenTo);
    else this.#byBytes.setAt(bytes, tokenFrom, tokenTo, sleeperOf(left));
    return true;
  }

  #wakeByToken(token: string): Patient | undefined {
    const bytes = Buffer.from(token, 'utf8');
    return this.find(bytes, 0, bytes.length);
  }

  #wake(token: string, first: number): Patient {
    const patient = this.#newPatient(token);
    patient.open = true;
    this.#sleepers.show(first, (row, part) => this.#wakeRow(patient, row, part));
    this.#sleepers.release(first);
    this.#keep(patient);
    return patient;
  }

  /** The patient, to be changed; made where it is not known. */
  edit(token: string): Patient {
    let patient = this.get(token);
    if (patient === undefined) {
      patient = this.#newPatient(token);
      this.#keep(patient);
      this.#added.push(token);
    }
    return patient;
  }

  drop(patient: Patient): void {
    this.#leave(patient.token);
    // Who came in this batch has nothing to be put back.
    const added = this.#added.indexOf(patient.token);
    if (added < 0) {
      this.#dropped.push(patient);
      return;
    }
    this.#added.splice(added, 1);
    this.#leaving.push(patient.slot);
  }

  /** Patients that the open batch changed, those it dropped among them. */
  touched(): readonly Patient[] {
    return this.#batch.touched;
  }

  dropped(): readonly Patient[] {
    return this.#dropped;
  }

  /** Puts a patient back as the changelog tells it, outside any batch. */
  restore(token: string): Patient {
    let patient = this.get(token);
    if (patient === undefined) this.#keep((patient = this.#newPatient(token)));
    patient.open = true;
    return patient;
  }

  #newPatient(token: string): Patient {
    const slot = this.#freeSlots.pop() ?? this.#bySlot.length;
    const block = (this.#blocks[blockOf(slot)] ??= newPatientBlock());
    const patient = new Patient(token, this.#batch, { slot, block, base: baseOf(slot) });
    this.#bySlot[slot] = patient;
    return patient;
  }

  #keep(patient: Patient): void {
    this.#patients.set(patient.token, patient);
    this.#byBytes.set(patient.token, patient.slot);
  }

  #leave(token: string): Patient | undefined {
    const patient = this.get(token);
    this.#patients.delete(token);
    this.#byBytes.delete(token);
    return patient;
  }

  forget(token: string): void {
    const patient = this.#leave(token);
    if (patient !== undefined) this.#leaving.push(patient.slot);
  }

  merge(): void {
    for (const patient of this.#batch.touched) patient.merge();
    for (const { slot } of this.#dropped) this.#leaving.push(slot);
    this.#endBatch();
  }

  rollback(): void {
    for (const token of this.#added) this.forget(token);
    for (const patient of this.#batch.touched) patient.rollback();
    for (const patient of this.#dropped) this.#keep(patient);
    this.#endBatch();
  }

  clear(): void {
    this.#patients.clear();
    this.#byBytes.clear();
    this.#sleepers.clear();
    this.#leaving = [];
    this.#endBatch();
    this.#bySlot = [];
    this.#blocks = [];
    this.#freeSlots = [];
  }

  #endBatch(): void {
    for (const slot of this.#leaving) this.#freeSlot(slot);
    this.#batch.touched = [];
    this.#batch.saved.clear();
    this.batch++;
    this.#added = [];
    this.#dropped = [];
    this.#leaving = [];
  }

  #freeSlot(slot: number): void {
    this.at(slot).open = false;
    this.#bySlot[slot] = undefined;
    this.#freeSlots.push(slot);
  }
}
