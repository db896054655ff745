import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { numberIn, readTable, type DeviceMessage, type RecordedStay } from './dataset-message.ts';

const hourMs = 3_600_000;

export interface ReplayFrom {
  /** Event time of each stay's first row, milliseconds since the epoch: the data tell no dates. */
  readonly startMs: number;
}

function messageOf(row: ReadonlyMap<string, string>, index: number, { stay, startMs }: { stay: string; startMs: number }): DeviceMessage {
  const value = (column: string): number | null => numberIn(row.get(column));
  const age = value('Age');
  return {
    message_id: `${stay}-${index}`,
    device_id: `ICU_${stay}`,
    patient_id: `PHYSIONET_${stay}`,
    timestamp: new Date(startMs + index * hourMs).toISOString(),
    measurements: {
      heart_rate: value('HR'),
      respiratory_rate: value('Resp'),
      oxygen_saturation: value('O2Sat'),
      temperature: value('Temp'),
      blood_pressure: { systolic: value('SBP'), diastolic: value('DBP') },
    },
    units: { temperature: 'Cel' },
    ...(age !== null && { birth_year: new Date(startMs).getUTCFullYear() - Math.floor(age) }),
    device_status: 'NORMAL',
    device_class: 'bedside-monitor',
    location: { hospital: 'PhysioNet', ward: 'ICU', room: stay },
  };
}

/**
 * Recorded stays of the PhysioNet/CinC Challenge 2019 (one file a stay, one row an hour, `|` between cells, NaN = not measured).
 *
 * @see Reyna et al., Critical Care Medicine 48(2), 2020
 */
export function readPhysioNet2019(directory: string, { startMs }: ReplayFrom): RecordedStay[] {
  const files = readdirSync(directory)
    .filter((file) => file.endsWith('.psv'))
    .sort();
  return files.map((file) => {
    const stay = basename(file, '.psv');
    const rows = readTable(readFileSync(join(directory, file), 'utf8'), '|');
    return {
      patientId: `PHYSIONET_${stay}`,
      messages: rows.map((row, index) => messageOf(row, index, { stay, startMs })),
      sepsis: rows.map((row) => row.get('SepsisLabel') === '1'),
    };
  });
}
