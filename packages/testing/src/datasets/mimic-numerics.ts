import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { numberIn, readTable, type DeviceMessage, type RecordedStay } from './dataset-message.ts';
import type { ReplayFrom } from './physionet-2019.ts';

const suffix = '_numerics_1min.csv';

function messageOf(
  row: ReadonlyMap<string, string>,
  index: number,
  { record, startMs }: { record: string; startMs: number },
): DeviceMessage {
  const value = (column: string): number | null => numberIn(row.get(column));
  return {
    message_id: `${record}-${index}`,
    device_id: `BEDSIDE_${record}`,
    patient_id: `MIMIC_${record}`,
    timestamp: new Date(startMs + (value('t_seconds') ?? 0) * 1000).toISOString(),
    measurements: {
      heart_rate: value('HR'),
      respiratory_rate: value('RESP'),
      oxygen_saturation: value('SpO2'),
      temperature: null,
      blood_pressure: { systolic: value('ABPSys') ?? value('NBPSys'), diastolic: value('ABPDias') ?? value('NBPDias') },
    },
    units: { temperature: 'Cel' },
    device_status: 'NORMAL',
    device_class: 'bedside-monitor',
    location: { hospital: 'MIMIC', ward: 'ICU', room: record },
  };
}

/** Bedside numerics of MIMIC-III, one row a minute; a value of 0 means that its signal was off. */
export function readMimicNumerics(directory: string, { startMs }: ReplayFrom): RecordedStay[] {
  const files = readdirSync(directory)
    .filter((file) => file.endsWith(suffix))
    .sort();
  return files.map((file) => {
    const record = basename(file, suffix);
    const rows = readTable(readFileSync(join(directory, file), 'utf8'), ',');
    return { patientId: `MIMIC_${record}`, messages: rows.map((row, index) => messageOf(row, index, { record, startMs })), sepsis: [] };
  });
}
