/** A recorded row as a monitor would have sent it: the JSON of the publishing guide. */
export interface DeviceMessage {
  readonly message_id: string;
  readonly device_id: string;
  readonly patient_id: string;
  readonly timestamp: string;
  readonly measurements: {
    readonly heart_rate: number | null;
    readonly respiratory_rate: number | null;
    readonly oxygen_saturation: number | null;
    readonly temperature: number | null;
    readonly blood_pressure: { readonly systolic: number | null; readonly diastolic: number | null };
  };
  /** Recorded temperatures are in °C. */
  readonly units: { readonly temperature: 'Cel' };
  readonly birth_year?: number;
  readonly device_status: 'NORMAL';
  readonly device_class: string;
  readonly location: { readonly hospital: string; readonly ward: string; readonly room: string };
}

/** One patient's recording, oldest message first. */
export interface RecordedStay {
  readonly patientId: string;
  readonly messages: readonly DeviceMessage[];
  /** Per message, whether the patient had sepsis by then; empty where the data do not say. */
  readonly sepsis: readonly boolean[];
}

/** A cell of a table: null where it is blank or no number. */
export function numberIn(cell: string | undefined): number | null {
  const number = cell === undefined || cell === '' ? Number.NaN : Number(cell);
  return Number.isNaN(number) ? null : number;
}

/** Rows of a delimited text with a header, as cells by column name. */
export function readTable(text: string, delimiter: string): readonly ReadonlyMap<string, string>[] {
  const [header = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const columns = header.split(delimiter);
  return lines.map((line) => {
    const cells = line.split(delimiter);
    return new Map(columns.map((column, index) => [column, cells[index] ?? '']));
  });
}
