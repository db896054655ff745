/** Readings whose identity can be followed from the wire to every table: (device, observed at) is unique per message. */
export interface Workload {
  readonly name: string;
  readonly lines: readonly Buffer[];
  /** `device@millisecond` of every well-formed message. */
  readonly sent: ReadonlySet<string>;
  readonly malformed: number;
  readonly duplicates: number;
  readonly deviceIds: readonly string[];
}

export interface WorkloadOptions {
  readonly name: string;
  readonly patients: number;
  readonly readingsEach: number;
  /** Every n-th message is rubbish. */
  readonly malformedEvery: number;
  /** Every n-th message is sent again at once. */
  readonly duplicateEvery: number;
  readonly startMs: number;
  readonly stepMs: number;
}

export const idOf = (deviceId: string, atMs: number): string => `${deviceId}@${atMs}`;

const reading = (deviceId: string, patientId: string, atMs: number, n: number): Buffer =>
  Buffer.from(
    JSON.stringify({
      device_id: deviceId,
      patient_id: patientId,
      timestamp: new Date(atMs).toISOString(),
      measurements: {
        heart_rate: 70 + (n % 10),
        blood_pressure: { systolic: 120 + (n % 5), diastolic: 78 + (n % 4) },
        temperature: 98.6,
        oxygen_saturation: 97,
        respiratory_rate: 15 + (n % 3),
      },
      device_status: 'NORMAL',
      location: { hospital: 'General Hospital', ward: 'ICU', room: '1' },
    }),
  );

export function createWorkload({
  name,
  patients,
  readingsEach,
  malformedEvery,
  duplicateEvery,
  startMs,
  stepMs,
}: WorkloadOptions): Workload {
  const lines: Buffer[] = [];
  const sent = new Set<string>();
  const deviceIds = Array.from({ length: patients }, (_, index) => `MON_${name}_${index}`);
  let malformed = 0;
  let duplicates = 0;
  for (let step = 0; step < readingsEach; step++) {
    for (const [index, deviceId] of deviceIds.entries()) {
      const n = step * patients + index;
      const atMs = startMs + step * stepMs + index;
      const line = reading(deviceId, `PAT_${name}_${index}`, atMs, n);
      lines.push(line);
      sent.add(idOf(deviceId, atMs));
      if (n % duplicateEvery === duplicateEvery - 1) {
        lines.push(line);
        duplicates += 1;
      }
      if (n % malformedEvery === malformedEvery - 1) {
        lines.push(Buffer.from(`{"device_id":"${deviceId}","patient_id":"P","timestamp":"broken-${n}"`));
        malformed += 1;
      }
    }
  }
  return { name, lines, sent, malformed, duplicates, deviceIds };
}
