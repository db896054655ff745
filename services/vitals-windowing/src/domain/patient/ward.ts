import { BytesTable } from '@vigil/contracts';
import { noRow, type LyingRow } from './kept-rows.ts';
import { Patient } from './patient.ts';
import { ownRow, Sleepers } from './sleepers.ts';

/** Puts what a kept row tells into a patient. @param part  which of the patient's rows it is */
export type RowWaker = (patient: Patient, row: LyingRow, part: number) => void;

const nobodySleeps: RowWaker = () => undefined;

/**
 * The patients of one task, changed inside a batch that is committed (`merge`) or taken back (`rollback`) as a whole.
 *
 * After a restore patients sleep: of each there are only rows, as they were written, until somebody asks for the patient.
 * Nobody can tell the difference but by the time it takes.
 */
export class Ward {
  /** Who is awake. */
  readonly #patients = new Map<string, Patient>();
  /** All patients by the bytes of their tokens; of one who sleeps the number. */
  readonly #byBytes = new BytesTable<Patient | number>();
  readonly #sleepers = new Sleepers();
  readonly #wakeRow: RowWaker;
  #touched: Patient[] = [];
  #added: string[] = [];
  #dropped: Patient[] = [];
  readonly #onBegin = (changed: Patient): void => void this.#touched.push(changed);

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
    return typeof found === 'number' ? this.#wake(bytes.toString('utf8', from, to), found) : found;
  }

  all(): IterableIterator<Patient> {
    this.wake(Number.POSITIVE_INFINITY);
    return this.#patients.values();
  }

  /** The patients who do not sleep. */
  awake(): IterableIterator<Patient> {
    return this.#patients.values();
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
    if (found === undefined) this.#byBytes.setAt(bytes, tokenFrom, tokenTo, this.#sleepers.add(row, part));
    else if (typeof found === 'number') this.#sleepers.put(found, row, part);
    else return false;
    return true;
  }

  /** A row of a patient is gone; with the own one all are. False = the patient is awake, and it must be restored. */
  keepAway({ bytes, tokenFrom, tokenTo }: LyingRow, part: number): boolean {
    const found = this.#byBytes.get(bytes, tokenFrom, tokenTo);
    if (found === undefined) return true;
    if (typeof found !== 'number') return false;
    if (part === ownRow) this.#sleepers.release(found);
    const left = part === ownRow ? noRow : this.#sleepers.take(found, part);
    if (left === noRow) this.#byBytes.deleteAt(bytes, tokenFrom, tokenTo);
    else this.#byBytes.setAt(bytes, tokenFrom, tokenTo, left);
    return true;
  }

  #wakeByToken(token: string): Patient | undefined {
    const bytes = Buffer.from(token, 'utf8');
    const found = this.#byBytes.get(bytes, 0, bytes.length);
    return typeof found === 'number' ? this.#wake(token, found) : found;
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
    this.forget(patient.token);
    // Who came in this batch has nothing to be put back.
    const added = this.#added.indexOf(patient.token);
    if (added < 0) this.#dropped.push(patient);
    else this.#added.splice(added, 1);
  }

  /** Patients that the open batch changed, those it dropped among them. */
  touched(): readonly Patient[] {
    return this.#touched;
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
    return new Patient(token, this.#onBegin);
  }

  #keep(patient: Patient): void {
    this.#patients.set(patient.token, patient);
    this.#byBytes.set(patient.token, patient);
  }

  forget(token: string): void {
    this.get(token);
    this.#patients.delete(token);
    this.#byBytes.delete(token);
  }

  merge(): void {
    for (const patient of this.#touched) patient.merge();
    this.#forgetBatch();
  }

  rollback(): void {
    for (const token of this.#added) this.forget(token);
    for (const patient of this.#touched) patient.rollback();
    for (const patient of this.#dropped) this.#keep(patient);
    this.#forgetBatch();
  }

  clear(): void {
    this.#patients.clear();
    this.#byBytes.clear();
    this.#sleepers.clear();
    this.#forgetBatch();
  }

  #forgetBatch(): void {
    this.#touched = [];
    this.#added = [];
    this.#dropped = [];
  }
}
