import { zeroDoubles } from '../doubles.ts';
import { vitalCount } from '../vitals.ts';
import { MAX_OBSERVED_AT, PROCESSED_AT, RECEIVED_AT, type PatientPlace } from './patient-numbers.ts';

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

/** Of a patient in whom no vital was timed; shared by all of them and never changed. */
export const neverMeasured: number[] = zeroDoubles(vitalCount).fill(Number.NEGATIVE_INFINITY);
export const noGaps: number[] = zeroDoubles(vitalCount);

export const newClock = (): PatientClock => ({
  maxObservedAt: Number.NEGATIVE_INFINITY,
  receivedAt: 0,
  processedAt: 0,
  historic: false,
  lastAt: neverMeasured,
  gaps: noGaps,
  hospital: '',
  ward: '',
  room: '',
});

/** A patient's clock: its times lie among the patient's numbers. */
export class KeptClock implements PatientClock {
  historic = false;
  lastAt = neverMeasured;
  gaps = noGaps;
  hospital = '';
  ward = '';
  room = '';
  readonly #numbers: Float64Array;
  readonly #base: number;

  constructor({ block, base }: PatientPlace) {
    this.#numbers = block.numbers;
    this.#base = base;
    this.maxObservedAt = Number.NEGATIVE_INFINITY;
  }

  get maxObservedAt(): number {
    return this.#numbers[this.#base + MAX_OBSERVED_AT] as number;
  }

  set maxObservedAt(time: number) {
    this.#numbers[this.#base + MAX_OBSERVED_AT] = time;
  }

  get receivedAt(): number {
    return this.#numbers[this.#base + RECEIVED_AT] as number;
  }

  set receivedAt(time: number) {
    this.#numbers[this.#base + RECEIVED_AT] = time;
  }

  get processedAt(): number {
    return this.#numbers[this.#base + PROCESSED_AT] as number;
  }

  set processedAt(time: number) {
    this.#numbers[this.#base + PROCESSED_AT] = time;
  }
}

/** Makes `copy` what `clock` is now, whatever becomes of it. */
export function copyClock(clock: Readonly<PatientClock>, copy: PatientClock): PatientClock {
  copy.maxObservedAt = clock.maxObservedAt;
  copy.receivedAt = clock.receivedAt;
  copy.processedAt = clock.processedAt;
  copy.historic = clock.historic;
  copy.lastAt = clock.lastAt === neverMeasured ? neverMeasured : clock.lastAt.slice();
  copy.gaps = clock.gaps === noGaps ? noGaps : clock.gaps.slice();
  copy.hospital = clock.hospital;
  copy.ward = clock.ward;
  copy.room = clock.room;
  return copy;
}
