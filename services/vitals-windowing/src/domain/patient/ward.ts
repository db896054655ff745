import { Patient } from './patient.ts';

/** The patients of one task, changed inside a batch that is committed (`merge`) or taken back (`rollback`) as a whole. */
export class Ward {
  readonly #patients = new Map<string, Patient>();
  #touched: Patient[] = [];
  #added: string[] = [];
  #dropped: Patient[] = [];

  get(token: string): Patient | undefined {
    return this.#patients.get(token);
  }

  all(): IterableIterator<Patient> {
    return this.#patients.values();
  }

  /** The patient, to be changed; made where it is not known. */
  edit(token: string): Patient {
    let patient = this.#patients.get(token);
    if (patient === undefined) {
      patient = this.#newPatient(token);
      this.#patients.set(token, patient);
      this.#added.push(token);
    }
    return patient;
  }

  drop(patient: Patient): void {
    this.#patients.delete(patient.token);
    this.#dropped.push(patient);
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
    if (patient === undefined) this.#patients.set(token, (patient = this.#newPatient(token)));
    patient.open = true;
    return patient;
  }

  #newPatient(token: string): Patient {
    return new Patient(token, (changed) => void this.#touched.push(changed));
  }

  forget(token: string): void {
    this.#patients.delete(token);
  }

  merge(): void {
    for (const patient of this.#touched) patient.merge();
    this.#forgetBatch();
  }

  rollback(): void {
    for (const token of this.#added) this.#patients.delete(token);
    for (const patient of this.#touched) patient.rollback();
    for (const patient of this.#dropped) {
      if (!this.#added.includes(patient.token)) this.#patients.set(patient.token, patient);
    }
    this.#forgetBatch();
  }

  clear(): void {
    this.#patients.clear();
    this.#forgetBatch();
  }

  #forgetBatch(): void {
    this.#touched = [];
    this.#added = [];
    this.#dropped = [];
  }
}
