import { BytesTable } from '@vigil/contracts';
import { Patient } from './patient.ts';

/** The patients of one task, changed inside a batch that is committed (`merge`) or taken back (`rollback`) as a whole. */
export class Ward {
  readonly #patients = new Map<string, Patient>();
  /** The same patients by the bytes of their tokens. */
  readonly #byBytes = new BytesTable<Patient>();
  #touched: Patient[] = [];
  #added: string[] = [];
  #dropped: Patient[] = [];
  readonly #onBegin = (changed: Patient): void => void this.#touched.push(changed);

  get(token: string): Patient | undefined {
    return this.#patients.get(token);
  }

  /** The patient whose token lies from `from` to `to`. */
  find(bytes: Buffer, from: number, to: number): Patient | undefined {
    return this.#byBytes.get(bytes, from, to);
  }

  all(): IterableIterator<Patient> {
    return this.#patients.values();
  }

  /** The patient, to be changed; made where it is not known. */
  edit(token: string): Patient {
    let patient = this.#patients.get(token);
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
    let patient = this.#patients.get(token);
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
    this.#forgetBatch();
  }

  #forgetBatch(): void {
    this.#touched = [];
    this.#added = [];
    this.#dropped = [];
  }
}
