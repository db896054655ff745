import { isUint8Array } from 'node:util/types';
import { boundedMemo, duplicate, emit, eventIdOf, processed, rejected, tokenOf, type NamedKey, type Outcome } from '@vigil/core';
import { topics, type ReadingAccepted, type ReadingReceived } from '@vigil/contracts';
import type { Handler, SourceRecord } from '@vigil/kafka';
import type { RecentMessagesView } from '../dedupe/recent-messages-store.ts';
import { judgeMessage, type Reading } from '../domain/judge-message.ts';
import { messageHashOf } from '../domain/message-identity.ts';
import { readMessage, type JsonObject } from '../domain/read-message.ts';
import type { IngestObserver } from './ingest-observer.ts';

export interface IngestStores {
  readonly recentMessages: RecentMessagesView;
}

export interface ReadingRules {
  readonly tokenKey: NamedKey;
  /** A reading older than this at its arrival is historic. */
  readonly historicAfterMs: number;
  /** The partition that a device's records belong on. */
  readonly partitionOfDevice: (deviceId: string) => number;
  readonly observer: IngestObserver;
}

/** What is known of a device from its last reading. */
interface KnownDevice {
  /** Where its records belong. */
  readonly partition: number;
  patientId: string;
  token: string;
}

/** Patients and devices of a large site; beyond it the oldest are computed again. */
const rememberedNames = 100_000;

const acceptedOf = (reading: Reading, eventId: string, patientToken: string): ReadingAccepted => ({
  eventId,
  patientToken,
  deviceId: reading.deviceId,
  deviceClass: reading.deviceClass,
  deviceModel: reading.deviceModel,
  observedAt: reading.observedAt,
  receivedAt: reading.receivedAt,
  historic: reading.historic,
  heartRate: reading.heartRate,
  respiratoryRate: reading.respiratoryRate,
  oxygenSaturation: reading.oxygenSaturation,
  temperatureC: reading.temperatureC,
  systolic: reading.systolic,
  diastolic: reading.diastolic,
  supplementalOxygen: reading.supplementalOxygen,
  consciousness: reading.consciousness,
  birthYear: reading.birthYear,
  excluded: reading.excluded,
  flags: reading.flags,
  deviceStatus: reading.deviceStatus,
  hospital: reading.hospital,
  ward: reading.ward,
  room: reading.room,
});

function report({ excluded, flags }: Reading, observer: IngestObserver): void {
  for (const { field, code } of excluded) observer.excluded(field, code);
  for (const flag of flags) observer.flagged(flag);
}

/**
 * One device message: read, judged, recognised if it came before, identity replaced by a token.
 * Only what is accepted is remembered: a message that was refused may be requeued.
 */
export function handleReading(rules: ReadingRules): Handler<ReadingReceived | Buffer, IngestStores> {
  const { observer, historicAfterMs, tokenKey } = rules;
  const tokenOfPatient = boundedMemo(rememberedNames, (patientId) => tokenOf(tokenKey, 'patient', patientId));
  const deviceOf = boundedMemo(rememberedNames, (deviceId): KnownDevice => ({
    partition: rules.partitionOfDevice(deviceId),
    patientId: '',
    token: '',
  }));

  /** A monitor mostly stays with its patient: comparing two strings is cheaper than looking one up. */
  const tokenFor = (device: KnownDevice, patientId: string): string => {
    if (device.patientId !== patientId) {
      device.patientId = patientId;
      device.token = tokenOfPatient(patientId);
    }
    return device.token;
  };

  const isRepeat = (
    record: SourceRecord<unknown>,
    message: JsonObject,
    reading: Reading,
    exactBytes: Buffer | null,
    stores: IngestStores,
  ) => {
    const second = Math.floor(record.timestamp / 1000);
    if (record.topic === record.origin.topic) stores.recentMessages.advanceTo(second);
    const { deviceId, observedAt } = reading;
    return !stores.recentMessages.remember(messageHashOf({ message, deviceId, observedAt, exactBytes }), second);
  };

  return (record, { stores }): Outcome => {
    const { value, origin } = record;
    const bytes = isUint8Array(value) ? value : null;
    const read = bytes === null ? { ok: true as const, message: value as unknown as JsonObject, lossy: false } : readMessage(bytes);
    if (!read.ok) return rejected(read.code);
    const judged = judgeMessage(read.message, { receivedAtMs: origin.timestamp, historicAfterMs });
    if (!judged.ok) return rejected(judged.code);

    const { reading } = judged;
    // The engine gives equal keys as one string, whose hash is known; the one that was just parsed has to be hashed.
    const device = deviceOf(record.key === reading.deviceId ? record.key : reading.deviceId);
    if (record.key === null || device.partition !== origin.partition) observer.misplaced(origin);
    if (isRepeat(record, read.message, reading, read.lossy ? bytes : null, stores)) return duplicate;
    report(reading, observer);
    const token = tokenFor(device, reading.patientId);
    return processed([emit(topics.vitalsReadingAccepted, token, acceptedOf(reading, eventIdOf(origin), token))]);
  };
}
