import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { topics, type Topic } from '@vigil/contracts';
import { bytesOn, driveDeidentifier } from '../test-support/drive-deidentifier.ts';
import { aDataset, anAlert, aPatient, aReading, aWindow } from '../test-support/samples.ts';

const outputs: readonly Topic[] = [topics.deidReadingAccepted, topics.deidWindowClosed, topics.deidAlertRaised, topics.deidPatientChanged];

const letters = fc.stringMatching(/^[A-Z][a-z]{5,11}$/);
const hex = fc.stringMatching(/^[0-9a-f]{32}$/);
const time = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2035, 0, 1) });

/** Identifiers as they may stand anywhere in a patient's records. */
const seeded = fc.record({
  token: fc.stringMatching(/^t1\.[A-Za-z0-9_-]{22}$/),
  ids: fc.tuple(hex, hex, hex),
  device: fc.stringMatching(/^[A-Z]{4}_[0-9]{3,6}$/),
  places: fc.tuple(letters, letters, letters),
  note: letters,
  zip: fc.stringMatching(/^[0-9]{5}$/),
  birthYear: fc.integer({ min: 1900, max: 2020 }),
  birthDay: fc.integer({ min: -25_000, max: 19_000 }),
  at: time,
  /** What a careless device writes into the fields that are kept. */
  model: fc.constantFrom(
    'MX-800',
    'SN 123456789',
    'installed 2019-04-01',
    'call 650-555-0199',
    'mail jane@example.org',
    'OWN',
    'own',
    'NAME',
  ),
});
type Seeded = typeof seeded extends fc.Arbitrary<infer Value> ? Value : never;

async function run(seed: Seeded, dataset = aDataset()) {
  const { token, ids, device, places, note, zip, birthYear, birthDay, at, model } = seed;
  const [hospital, ward, room] = places.map((place, index) => `${place} ${['Hospital', 'Pavilion', 'Chamber'][index]}`) as [
    string,
    string,
    string,
  ];
  const where = { hospital, ward, room, patientToken: token, receivedAt: at + 777 };
  const written: Readonly<Record<string, string>> = {
    OWN: `unit ${device}`,
    own: `unit ${device.toLowerCase()}`,
    NAME: `bed of ${note}`,
  };
  const deviceModel = written[model] ?? model;
  const driver = driveDeidentifier({ datasets: { current: dataset } });
  const excluded = [{ field: 'systolic', code: 'OUT_OF_RANGE', rawValue: 731.25 }];
  const reading = { ...where, eventId: ids[0], deviceId: device, deviceModel, deviceStatus: note, observedAt: at, birthYear, excluded };
  await driver.pipe(topics.vitalsReadingAccepted, { key: token, value: aReading(reading), timestamp: at });
  await driver.pipe(topics.vitalsWindowClosed, {
    key: token,
    value: aWindow({ windowId: ids[1], patientToken: token, windowStart: at }),
    timestamp: at,
  });
  await driver.pipe(topics.alertRaised, {
    key: token,
    value: anAlert({ ...where, alertId: ids[2], raisedAt: at, clearedAt: at + 1 }),
    timestamp: at,
  });
  await driver.pipe(topics.patientChanged, {
    key: token,
    value: aPatient({ patientToken: token, birthDate: birthDay, zip, changedAt: at }),
    timestamp: at,
  });
  const texts = [
    token,
    token.slice(3),
    ...ids,
    device,
    device.toLowerCase(),
    ...places,
    note,
    hospital,
    ward,
    room,
    '123456789',
    '2019-04-01',
    '650-555-0199',
    'jane@',
  ];
  return { driver, texts };
}

const zigzag = (value: number): Buffer => {
  let rest = BigInt(value) * 2n;
  const bytes: number[] = [];
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
};

/** Every way in which the bytes could hold a time: milliseconds and seconds as Avro writes them, and as text. */
const timesIn = (at: number): readonly Buffer[] => [
  zigzag(at),
  zigzag(at + 777),
  zigzag(Math.floor(at / 1000)),
  ...[String(at), String(Math.floor(at / 1000)), new Date(at).toISOString().slice(0, 10)].map((text) => Buffer.from(text)),
];

test('no seeded identifier and no date is in any output byte', async () => {
  await fc.assert(
    fc.asyncProperty(seeded, async (seed) => {
      const { driver, texts } = await run(seed);
      const written = outputs.flatMap((topic) => bytesOn(driver, topic));
      expect(written).toHaveLength(4);
      const all = Buffer.concat(written);
      for (const text of texts) expect({ text, leaks: all.includes(text) }).toEqual({ text, leaks: false });
      const patient = Buffer.concat(bytesOn(driver, topics.deidPatientChanged));
      for (const text of [seed.zip, String(new Date(seed.birthDay * 86_400_000).getUTCFullYear())])
        expect(patient.includes(text)).toBe(false);
      for (const bytes of timesIn(seed.at))
        expect({ bytes: bytes.toString('hex'), leaks: all.includes(bytes) }).toMatchObject({ leaks: false });
    }),
    { numRuns: 60 },
  );
});

test('a replay writes the same bytes, and another key writes nothing that can be linked', async () => {
  await fc.assert(
    fc.asyncProperty(seeded, async (seed) => {
      const bytesOf = async (key: string) => {
        const { driver } = await run(seed, aDataset(key));
        return outputs.map((topic) => Buffer.concat(bytesOn(driver, topic)).toString('hex'));
      };
      const first = await bytesOf('d1');
      expect(await bytesOf('d1')).toEqual(first);

      const { driver: one } = await run(seed, aDataset('d1'));
      const { driver: other } = await run(seed, aDataset('d2'));
      const [left] = one.read(topics.deidReadingAccepted);
      const [right] = other.read(topics.deidReadingAccepted);
      expect(left!.pseudonym).not.toBe(right!.pseudonym);
      expect(left!.eventId).not.toBe(right!.eventId);
      expect(left!.elapsedMs).not.toBe(right!.elapsedMs);
    }),
    { numRuns: 15 },
  );
});

test('differences of a patient’s times are kept to the millisecond', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(time, { minLength: 2, maxLength: 10 }), async (times) => {
      const driver = driveDeidentifier();
      const token = aReading().patientToken;
      await driver.pipe(topics.vitalsReadingAccepted, ...times.map((observedAt) => ({ key: token, value: aReading({ observedAt }) })));
      const elapsed = driver.read(topics.deidReadingAccepted).map(({ elapsedMs }) => elapsedMs!);
      expect(elapsed.map((ms) => ms - elapsed[0]!)).toEqual(times.map((ms) => ms - times[0]!));
    }),
    { numRuns: 30 },
  );
});

test('no year flips at the true 1 January', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.stringMatching(/^t1\.[A-Za-z0-9_-]{22}$/), { minLength: 1, maxLength: 20 }), async (tokens) => {
      const driver = driveDeidentifier();
      const newYear = Date.UTC(2025, 0, 1);
      for (const patientToken of tokens) {
        const around = [newYear - 1, newYear].map((observedAt) => ({ key: patientToken, value: aReading({ patientToken, observedAt }) }));
        await driver.pipe(topics.vitalsReadingAccepted, ...around);
      }
      const years = driver.read(topics.deidReadingAccepted).map(({ approxYear }) => approxYear);
      for (let index = 0; index < years.length; index += 2) expect(years[index]).toBe(years[index + 1]);
    }),
    { numRuns: 15 },
  );
});
