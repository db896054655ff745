import type { FlatFields, ReadingAccepted } from '@vigil/contracts';
import type { FlatRecord, QuickWay } from '@vigil/kafka';
import { advanceClock } from '../domain/patient/advance-clock.ts';
import type { RulesInForce } from '../domain/rules-in-force.ts';
import { vitalCount } from '../domain/vitals.ts';
import type { LyingSample } from '../domain/windows/pane.ts';
import type { Stores } from './stores.ts';

const OBSERVED_AT = 0;
const RECEIVED_AT = 1;
/** From here on by vital. */
const VITALS = 2;

const fields = {
  numbers: ['observedAt', 'receivedAt', 'heartRate', 'respiratoryRate', 'oxygenSaturation', 'temperatureC', 'systolic', 'diastolic'],
  texts: ['patientToken', 'eventId'],
} as const satisfies FlatFields & { readonly [Kind in keyof FlatFields]: readonly (keyof ReadingAccepted)[] };

/** Knows where its event id lies: it decides only between equal times and goes only into what is committed. */
class QuietSample implements LyingSample {
  observedAt = 0;
  receivedAt = 0;
  idBytes: Buffer = Buffer.alloc(0);
  idFrom = 0;
  idTo = 0;

  of({ bytes, numbers, texts }: FlatRecord): this {
    this.observedAt = numbers[OBSERVED_AT] as number;
    this.receivedAt = numbers[RECEIVED_AT] as number;
    this.idBytes = bytes;
    this.idFrom = texts[2] as number;
    this.idTo = texts[3] as number;
    return this;
  }

  get eventId(): string {
    return this.idBytes.toString('utf8', this.idFrom, this.idTo);
  }
}

/** Of the reading at hand: nobody keeps it. */
const sample = new QuietSample();

function isAnythingMeasured(numbers: Float64Array): boolean {
  for (let vital = 0; vital < vitalCount; vital++) if (!Number.isNaN(numbers[VITALS + vital])) return true;
  return false;
}

/**
 * A reading of a known patient within the quiet span, where windows are all that is wanted: what `handleWindowed` does
 * with it, without an object for reading or outcome.
 */
export const quietReadings = (fixed: RulesInForce): QuickWay<Stores> => ({
  fields,
  handle(record, { stores, nowMs }) {
    const { bytes, numbers, texts } = record;
    const patient = stores.ward.find(bytes, texts[0] as number, texts[1] as number);
    // A patient without open windows is counted anew by the handler.
    // Nor is one whose windows are to be cut anew.
    if (patient === undefined || !patient.open || patient.cut !== (stores.parameters ?? fixed).cut || !isAnythingMeasured(numbers))
      return false;
    const pane = patient.editQuietPane(numbers[OBSERVED_AT] as number);
    if (pane === null) return false;
    pane.addAll(numbers, VITALS, sample.of(record));
    advanceClock(patient, sample, nowMs);
    return true;
  },
});
