import { zeroDoubles } from '../doubles.ts';
import { vitalCount } from '../vitals.ts';

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

export const newClock = (): PatientClock => ({
  maxObservedAt: Number.NEGATIVE_INFINITY,
  receivedAt: 0,
  processedAt: 0,
  historic: false,
  lastAt: zeroDoubles(vitalCount).fill(Number.NEGATIVE_INFINITY),
  gaps: zeroDoubles(vitalCount),
  hospital: '',
  ward: '',
  room: '',
});

export const copyOfClock = (clock: Readonly<PatientClock>): PatientClock => ({
  ...clock,
  lastAt: clock.lastAt.slice(),
  gaps: clock.gaps.slice(),
});
