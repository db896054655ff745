/** What arrives at a hospital's topic besides readings. Each entry must end in quarantine, under its reason. */
export interface MalformedMessage {
  readonly name: string;
  /** The bytes on the wire. `at` is an RFC 3339 time of now, `device` the sender's id. */
  readonly bytes: (device: string, at: string) => Buffer;
}

const text = (value: string): Buffer => Buffer.from(value, 'utf8');

export const malformedMessages: readonly [MalformedMessage, ...MalformedMessage[]] = [
  { name: 'not JSON', bytes: (device) => text(`HR=72;DEV=${device}`) },
  { name: 'truncated JSON', bytes: (device, at) => text(`{"device_id":"${device}","timestamp":"${at}","measure`) },
  { name: 'JSON of another shape', bytes: () => text('[1,2,3]') },
  { name: 'invalid UTF-8', bytes: () => Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]) },
  {
    name: 'no patient',
    bytes: (device, at) => text(JSON.stringify({ device_id: device, timestamp: at, measurements: { heart_rate: 72 } })),
  },
  {
    name: 'timestamp without zone',
    bytes: (device) =>
      text(JSON.stringify({ device_id: device, patient_id: 'PAT_X', timestamp: '2026-01-01T10:00:00', measurements: { heart_rate: 72 } })),
  },
  {
    name: 'no usable measurement',
    bytes: (device, at) =>
      text(
        JSON.stringify({ device_id: device, patient_id: 'PAT_X', timestamp: at, measurements: { heart_rate: 900, oxygen_saturation: 7 } }),
      ),
  },
  { name: 'unknown schema id', bytes: () => Buffer.from([0, 0x7f, 0xff, 0xff, 0xf0, 1, 2, 3]) },
];
