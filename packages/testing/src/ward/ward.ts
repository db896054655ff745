import { malformedMessages } from './malformed.ts';
import { createPhysiology, type Physiology, type Vitals } from './physiology.ts';
import type { RecordedStay } from '../datasets/index.ts';
import { createRecordedPhysiology } from './recorded-physiology.ts';
import { createSeededRandom, type SeededRandom } from './seeded-random.ts';

export interface WardOptions {
  readonly seed: number;
  readonly patients: number;
  /** Part of every identifier, so that two wards never share a patient or device. */
  readonly name: string;
  /** Recordings that the monitors show, taken in turn; without them bodies are simulated. */
  readonly stays?: readonly RecordedStay[];
}

export type WardMessageKind = 'reading' | 'duplicate' | 'malformed';

/** One message as a monitor puts it on the wire. */
export interface WardMessage {
  readonly key: string;
  readonly value: Buffer;
  readonly kind: WardMessageKind;
}

export interface WardRates {
  /** Share of readings that are sent a second time. */
  readonly duplicates: number;
  readonly malformed: number;
  /** Share of vitals that a reading lacks. */
  readonly dropouts: number;
  /** Share of readings held back and sent a few seconds later, out of order. */
  readonly heldBack: number;
}

/**
 * A simulated ward: monitors that drift, drop out, repeat themselves, send out of order, and now and then rubbish;
 * one monitor whose clock runs four minutes fast; on demand a patient who deteriorates and a lead that falls off.
 * Its readings are simulated: no sub-minute recordings of real patients are at hand.
 */
export interface Ward {
  /** Registry entries, one JSON object each. */
  readonly registry: readonly { readonly key: string; readonly value: Buffer }[];
  /** What the monitors had buffered: clean readings, oldest first, ending before `toMs`. */
  history(fromMs: number, toMs: number, everyMs: number): WardMessage[];
  /** One round of the ward: what all monitors send at `nowMs`. */
  round(nowMs: number): WardMessage[];
  deteriorate(patient: number, rounds: number): void;
  dropLead(patient: number): void;
  readonly patientIds: readonly string[];
}

export const defaultWardRates: WardRates = { duplicates: 0.01, malformed: 0.02, dropouts: 0.03, heldBack: 0.02 };

const fastClockMs = 240_000;
const wards = ['ICU', 'Cardiology', 'Surgery'] as const;

interface Monitor {
  readonly deviceId: string;
  readonly patientId: string;
  readonly body: Physiology;
  readonly location: { readonly hospital: string; readonly ward: string; readonly room: string };
  readonly clockAheadMs: number;
  sequence: number;
  leadOff: boolean;
  heldBack: WardMessage | undefined;
}

export function createWard({ seed, patients, name, stays = [] }: WardOptions, rates: WardRates = defaultWardRates): Ward {
  const random = createSeededRandom(seed);
  const monitors = Array.from({ length: patients }, (_, index): Monitor =>
    createMonitor(index, name, bodyOf(stays[index % stays.length], random)),
  );
  const monitorOf = (patient: number): Monitor => {
    const monitor = monitors[patient];
    if (!monitor) throw new RangeError(`The ward has ${patients} patients; there is no patient ${patient}.`);
    return monitor;
  };

  const reading = (monitor: Monitor, atMs: number, dropouts: number): WardMessage => {
    monitor.sequence += 1;
    const measurements = monitor.leadOff ? { heart_rate: 0 } : measured(monitor.body.step(), random, dropouts);
    const message = {
      device_id: monitor.deviceId,
      patient_id: monitor.patientId,
      timestamp: new Date(atMs + monitor.clockAheadMs).toISOString(),
      sequence: monitor.sequence,
      measurements,
      supplemental_oxygen: false,
      consciousness: 'A',
      device_status: monitor.leadOff ? 'LEAD_OFF' : 'NORMAL',
      device_class: 'bedside-monitor',
      device_model: 'VM-200',
      location: monitor.location,
    };
    return { key: monitor.deviceId, value: Buffer.from(JSON.stringify(message)), kind: 'reading' };
  };

  const roundOf = (monitor: Monitor, nowMs: number): WardMessage[] => {
    const messages: WardMessage[] = [];
    const current = reading(monitor, nowMs, rates.dropouts);
    const late = monitor.heldBack;
    monitor.heldBack = !late && random.chance(rates.heldBack) ? current : undefined;
    if (!monitor.heldBack) messages.push(current);
    if (late) messages.push(late);
    const [repeated] = messages;
    if (repeated && random.chance(rates.duplicates)) messages.push({ ...repeated, kind: 'duplicate' });
    if (random.chance(rates.malformed)) messages.push(malformedOf(monitor, nowMs, random));
    return messages;
  };

  return {
    registry: monitors.map(({ patientId }, index) => ({ key: patientId, value: registryEntry(patientId, index) })),
    patientIds: monitors.map(({ patientId }) => patientId),
    history: (fromMs, toMs, everyMs) => {
      const messages: WardMessage[] = [];
      for (let atMs = fromMs; atMs < toMs; atMs += everyMs) {
        for (const monitor of monitors) messages.push(reading(monitor, atMs, 0));
      }
      return messages;
    },
    round: (nowMs) => monitors.flatMap((monitor) => roundOf(monitor, nowMs)),
    deteriorate: (patient, rounds) => monitorOf(patient).body.deteriorate(rounds),
    dropLead: (patient) => {
      monitorOf(patient).leadOff = true;
    },
  };
}

const bodyOf = (stay: RecordedStay | undefined, random: SeededRandom): Physiology =>
  stay ? createRecordedPhysiology(stay, random) : createPhysiology(random);

function createMonitor(index: number, name: string, body: Physiology): Monitor {
  const number = String(index + 1).padStart(3, '0');
  return {
    deviceId: `MONITOR_${name}_${number}`,
    patientId: `PAT_${name}_${number}`,
    body,
    location: { hospital: 'General Hospital', ward: wards[index % wards.length] ?? 'ICU', room: `${100 + index}A` },
    // The third monitor's clock is fast: inside what is accepted, and it must make nobody else late.
    clockAheadMs: index === 2 ? fastClockMs : 0,
    sequence: 0,
    leadOff: false,
    heldBack: undefined,
  };
}

function measured(vitals: Vitals, random: SeededRandom, dropouts: number): Record<string, unknown> {
  const unless = <Value>(value: Value): Value | null => (random.chance(dropouts) ? null : value);
  const { systolic, diastolic } = vitals;
  return {
    heart_rate: vitals.heartRate,
    blood_pressure: unless({ systolic, diastolic }),
    temperature: unless(vitals.temperatureF),
    oxygen_saturation: unless(vitals.oxygenSaturation),
    respiratory_rate: unless(vitals.respiratoryRate),
  };
}

function malformedOf(monitor: Monitor, nowMs: number, random: SeededRandom): WardMessage {
  const value = random.pick(malformedMessages).bytes(monitor.deviceId, new Date(nowMs).toISOString());
  return { key: monitor.deviceId, value, kind: 'malformed' };
}

/** Invented people: names and numbers from ranges that are never assigned. */
function registryEntry(patientId: string, index: number): Buffer {
  return Buffer.from(
    JSON.stringify({
      patient_id: patientId,
      birth_date: `${1938 + ((index * 7) % 60)}-0${1 + (index % 9)}-1${index % 10}`,
      sex: index % 2 === 0 ? 'female' : 'male',
      name: `Testperson ${patientId}`,
      phone: `555-01${String(index % 100).padStart(2, '0')}`,
      address: `${index + 1} Example Street`,
      zip: `021${String(index % 100).padStart(2, '0')}`,
      mrn: `MRN-${patientId}`,
      ssn: `000-00-${String(index).padStart(4, '0')}`,
    }),
  );
}
