// Records as the stages before the deidentifier write them, full of what must not leave.
import type { AlertRaised, ClaimAdjudicated, PatientChanged, ReadingAccepted, WindowClosed } from '@vigil/contracts';
import { aDecidedLine, aDecision } from '@vigil/testing';
import { createDataset, type Dataset, type DatasetMode } from '../src/domain/dataset.ts';
import type { Rules } from '../src/domain/compile-plan.ts';
import { loadRestrictedZip3 } from '../src/adapters/load-restricted-zip3.ts';
import { loadDeviceWords } from '../src/adapters/load-device-words.ts';
import { defaultDeviceWordsFile, defaultZip3File } from '../src/config.ts';

export const rules: Rules = {
  restrictedZip3: loadRestrictedZip3(defaultZip3File).restricted,
  deviceWords: loadDeviceWords(defaultDeviceWordsFile).words,
};

export const aDataset = (id = 'd1', mode: DatasetMode = 'safe-harbor', cachedPatients = 1000): Dataset =>
  createDataset({ key: { id, secret: Buffer.alloc(32, id) }, mode, cachedPatients });

export const aReading = (changed: Partial<ReadingAccepted> = {}): ReadingAccepted => ({
  eventId: '0123456789abcdef0123456789abcdef',
  patientToken: 't1.AbCdEfGhIjKlMnOpQrStUv',
  deviceId: 'MONITOR_00731',
  deviceClass: 'bedside-monitor',
  deviceModel: 'MX-800',
  observedAt: Date.UTC(2024, 2, 15, 14, 30, 0, 123),
  receivedAt: Date.UTC(2024, 2, 15, 14, 30, 1, 456),
  historic: false,
  heartRate: 72,
  respiratoryRate: 16,
  oxygenSaturation: null,
  temperatureC: 37.2,
  systolic: 120,
  diastolic: 80,
  supplementalOxygen: null,
  consciousness: 'A',
  birthYear: 1950,
  excluded: [{ field: 'oxygen_saturation', code: 'OUT_OF_RANGE', rawValue: 731.5 }],
  flags: ['TEMPERATURE_UNIT_CONVERTED'],
  deviceStatus: 'NORMAL, says Nurse Canary',
  hospital: 'Canary General Hospital',
  ward: 'Canary Ward',
  room: 'CANARY-101A',
  ...changed,
});

export const aWindow = (changed: Partial<WindowClosed> = {}): WindowClosed => ({
  windowId: 'ffeeddccbbaa99887766554433221100',
  patientToken: 't1.AbCdEfGhIjKlMnOpQrStUv',
  vital: 'heart_rate',
  windowStart: Date.UTC(2024, 2, 15, 14, 30),
  sizeMs: 300_000,
  revision: 0,
  closedBy: 'watermark',
  n: 5,
  min: 70,
  max: 80,
  mean: 75,
  stddev: 3.5,
  last: 76,
  receivedAt: Date.UTC(2024, 2, 15, 14, 35),
  ...changed,
});

export const anAlert = (changed: Partial<AlertRaised> = {}): AlertRaised => ({
  alertId: 'aaaabbbbccccddddeeeeffff00001111',
  patientToken: 't1.AbCdEfGhIjKlMnOpQrStUv',
  change: 'raised',
  rule: 'limit-high',
  vital: 'heart_rate',
  kind: 'physiological',
  severity: 'critical',
  historic: false,
  value: 180,
  threshold: 150,
  missing: [],
  flags: ['AGE_UNKNOWN'],
  raisedAt: Date.UTC(2024, 2, 15, 14, 30),
  clearedAt: null,
  receivedAt: Date.UTC(2024, 2, 15, 14, 30, 1),
  hospital: 'Canary General Hospital',
  ward: 'Canary Ward',
  room: 'CANARY-101A',
  ...changed,
});

/** Days since 1970-01-01. */
export const dayOf = (year: number, month: number, day: number): number => Date.UTC(year, month - 1, day) / 86_400_000;

export const aPatient = (changed: Partial<PatientChanged> = {}): PatientChanged => ({
  patientToken: 't1.AbCdEfGhIjKlMnOpQrStUv',
  birthDate: dayOf(1950, 1, 2),
  sex: 'female',
  zip: '94301',
  changedAt: Date.UTC(2024, 2, 15, 10),
  ...changed,
});

/** A decision whose every identifying field holds something that must not leave. */
export const aClaim = (changed: Partial<ClaimAdjudicated> = {}): ClaimAdjudicated =>
  aDecision({
    decisionId: 'deadbeefdeadbeefdeadbeefdeadbeef',
    submissionId: 'cafebabecafebabecafebabecafebabe',
    patientToken: 't1.AbCdEfGhIjKlMnOpQrStUv',
    policyToken: 't1.CanaryPolicy',
    memberToken: 't1.CanaryMember',
    claimId: 'CANARY-CLAIM-1',
    scope: 'CANARY-SCOPE',
    providerId: '1234567893',
    reviewId: 'CANARY-REVIEW',
    planYear: 2024,
    serviceFrom: dayOf(2024, 3, 15),
    serviceTo: dayOf(2024, 3, 16),
    receivedOn: dayOf(2024, 3, 17),
    receivedAt: Date.UTC(2024, 2, 17, 9, 8, 7, 6),
    decidedAt: Date.UTC(2024, 2, 18, 9, 8, 7, 6),
    lines: [
      aDecidedLine({
        serviceFrom: dayOf(2024, 3, 15),
        rarc: ['M79'],
        reasons: [
          { rule: 'MEMBER_COVERED', table: 'reference.member.changed.v1', row: 't1.CanaryMember', version: 20_240_315, detail: 'CANARY' },
        ],
      }),
    ],
    claimReasons: [{ rule: 'TIMELY_FILING', table: 'reference.plan.changed.v1', row: 'CANARY', version: 20_240_315, detail: 'CANARY' }],
    referenceVersions: { 'reference.member.changed.v1': 20_240_315 },
    ...changed,
  });
