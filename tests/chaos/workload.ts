import { createSeededRandom } from '@vigil/testing';

/** What a message is meant to become. */
export type MessageKind = 'reading' | 'duplicate' | 'malformed';

/** One message as a monitor puts it on the wire; a duplicate has the id and the bytes of the reading before it. */
export interface ChaosMessage {
  /** `producer:seq`; of rubbish `producer:seq!`. */
  readonly id: string;
  readonly kind: MessageKind;
  readonly key: string;
  readonly value: Buffer | null;
  /** Beyond the limit at which a page is due. */
  readonly critical: boolean;
}

export interface Workload {
  readonly seed: number;
  readonly name: string;
  readonly messages: readonly ChaosMessage[];
  /** The id of the reading that a monitor made at a time; its sequence number is that time. */
  idOf(producer: string, observedAtMs: number): string;
}

export interface WorkloadOptions {
  readonly seed: number;
  /** Part of every producer's name: two runs never share a patient. */
  readonly name: string;
  /** How many messages, about. */
  readonly records: number;
  /** Event time of the last reading, milliseconds since the epoch. */
  readonly endMs: number;
}

const malformedShare = 0.05;
const criticalShare = 0.01;
const duplicateShare = 0.01;
const mostDeteriorating = 60;
const stepMs = 1_000;
/** All readings lie within this before the end: what is older is historic, and never paged. */
const spanSteps = 480;

interface Shape {
  readonly producers: number;
  readonly steps: number;
  readonly deteriorating: number;
  readonly criticalSteps: number;
}

function shapeOf(records: number): Shape {
  const readings = records / (1 + malformedShare + duplicateShare);
  const steps = Math.min(spanSteps, Math.max(30, Math.floor(Math.sqrt(readings))));
  const whole = Math.max(4, Math.ceil((readings / steps) * 1.06));
  const deteriorating = Math.max(1, Math.min(mostDeteriorating, Math.floor(whole / 5)));
  // Who gets worse sends about half as long as the others.
  const producers = whole + Math.ceil(deteriorating / 2);
  const criticalSteps = Math.max(1, Math.min(Math.floor(steps / 3), Math.round((records * criticalShare) / deteriorating)));
  return { producers, steps, deteriorating, criticalSteps };
}

/** Far above the limit of the definition and critical; an episode of it is one alert of rule limit-high. */
const criticalHeartRate = 215;

const readingOf = (producer: string, patient: string, atMs: number, n: number, critical: boolean): Buffer =>
  Buffer.from(
    JSON.stringify({
      device_id: producer,
      patient_id: patient,
      timestamp: new Date(atMs).toISOString(),
      measurements: {
        heart_rate: critical ? criticalHeartRate : 70 + (n % 10),
        blood_pressure: { systolic: 120 + (n % 5), diastolic: 78 + (n % 4) },
        temperature: 98.6,
        oxygen_saturation: 97,
        respiratory_rate: 15 + (n % 3),
      },
      device_status: 'NORMAL',
      location: { hospital: 'General Hospital', ward: 'ICU', room: '1' },
    }),
  );

/** Cut off inside its timestamp, and different each time: rubbish can be followed too. */
const rubbishOf = (producer: string, n: number): Buffer => Buffer.from(`{"device_id":"${producer}","n":${n},"timestamp":"2026-`);

/** A ward whose every message can be followed: 5 % malformed, 1 % sent twice, 1 % critical, of at most 60 patients. */
export function createWorkload({ seed, name, records, endMs }: WorkloadOptions): Workload {
  const random = createSeededRandom(seed);
  const { producers, steps, deteriorating, criticalSteps } = shapeOf(records);
  const names = Array.from({ length: producers }, (_, index) => `MON_${name}_${index}`);
  const startMs = endMs - steps * stepMs;
  // Each gets worse at its own time, and sends no more after it: an episode that had cleared while alert-router was away
  // would rightly be recorded and not paged.
  const worseFrom = names.map((_, index) =>
    index < deteriorating ? Math.floor(steps / 4 + random.next() * (steps / 2 - criticalSteps / 2)) : Number.POSITIVE_INFINITY,
  );
  const messages: ChaosMessage[] = [];
  for (let seq = 0; seq < steps; seq++) {
    for (const [index, producer] of names.entries()) {
      const from = worseFrom[index] ?? Number.POSITIVE_INFINITY;
      if (seq >= from + criticalSteps) continue;
      const critical = seq >= from;
      const value = readingOf(producer, `PAT_${name}_${index}`, startMs + seq * stepMs, seq + index, critical);
      const id = `${producer}:${seq}`;
      messages.push({ id, kind: 'reading', key: producer, value, critical });
      if (random.chance(duplicateShare)) messages.push({ id, kind: 'duplicate', key: producer, value, critical });
      if (random.chance(malformedShare))
        messages.push({ id: `${id}!`, kind: 'malformed', key: producer, value: rubbishOf(producer, seq), critical: false });
    }
  }
  return {
    seed,
    name,
    messages,
    idOf: (producer, observedAtMs) => `${producer}:${(observedAtMs - startMs) / stepMs}`,
  };
}
