import type { SeededRandom } from '@vigil/testing';
import { between, type PlannedRecord } from '../../scenario.ts';
import type { Span } from '../play.ts';
import { criticalName, kinds, timing, type Limit, type Sample } from './ward-topology.ts';

export const patientKey = (patient: number): string => `patient-${patient}`;

/** How often a record is one that the stage refuses. */
interface Mixture {
  readonly garbage: number;
  readonly malformed: number;
}

const usual: Mixture = { garbage: 0.02, malformed: 0.04 };
/** So that limits are met, and not only by the burst. */
const poor: Mixture = { garbage: 0.1, malformed: 0.1 };

function drawSample(random: SeededRandom, { garbage, malformed }: Mixture, sample: Omit<Sample, 'kind' | 'value'>): Sample | null {
  if (random.chance(garbage)) return null;
  const kind = random.chance(malformed)
    ? kinds.malformed
    : random.chance(0.01)
      ? kinds.faulty
      : random.chance(0.03)
        ? kinds.withheld
        : kinds.sound;
  return { ...sample, value: between(random, 40, 100), kind };
}

/** Event times wander: out of order, at times minutes back, so that windows are closed, corrected and reopened. */
export function drawSamples(random: SeededRandom, { startMs, activeMs, partitions, quarantine }: Span): PlannedRecord<Sample>[] {
  const records: PlannedRecord<Sample>[] = [];
  const patients = between(random, 1, 5);
  // Where limits are to be met, what breaks a run of refused records is rare.
  const count = quarantine ? between(random, 5, 20) : between(random, 20, 90);
  for (let id = 1; id <= count; id++) {
    const atMs = between(random, 0, activeMs);
    // Event time ends where the clock begins: windows can then close idle, too.
    const progressMs = (atMs / activeMs - 1) * 5 * timing.windowMs;
    const backMs = random.chance(0.15) ? between(random, 0, 3 * timing.windowMs) : between(random, 0, 8_000);
    const patient = between(random, 1, patients);
    const planned: PlannedRecord<Sample> = {
      atMs,
      input: random.chance(0.7) ? 0 : 1,
      key: patientKey(patient),
      partition: patient % partitions,
      value: drawSample(random, quarantine ? poor : usual, { id, eventMs: startMs + Math.floor(progressMs) - backMs }),
    };
    records.push(planned);
    if (random.chance(0.1)) records.push({ ...planned, atMs: between(random, atMs, activeMs), input: random.chance(0.5) ? 0 : 1 });
  }
  return quarantine ? [...records, ...drawBurst(random, { patients, activeMs, partitions })] : records;
}

/** One sender that sends nothing but what is refused. */
function drawBurst(
  random: SeededRandom,
  { patients, activeMs, partitions }: Pick<Span, 'activeMs' | 'partitions'> & { readonly patients: number },
): PlannedRecord<Sample>[] {
  const patient = between(random, 1, patients);
  const fromMs = between(random, 0, activeMs);
  const toMs = between(random, fromMs, activeMs);
  return Array.from({ length: between(random, 6, 20) }, () => ({
    atMs: between(random, fromMs, toMs),
    input: 0,
    key: patientKey(patient),
    partition: patient % partitions,
    value: null,
  }));
}

/** Changes of the table that decides which values raise an alarm; none in half of the schedules. */
export function drawLimits(random: SeededRandom, { activeMs }: Span, input: number): PlannedRecord<Limit>[] {
  if (random.chance(0.5)) return [];
  return Array.from({ length: between(random, 1, 6) }, () => ({
    atMs: between(random, 0, activeMs),
    input,
    key: criticalName,
    partition: 0,
    value: { critical: between(random, 60, 99) },
  }));
}
