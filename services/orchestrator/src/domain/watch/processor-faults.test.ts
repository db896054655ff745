import { expect, test } from '@jest/globals';
import { faultName, faultTroublesToTell, quietMs, toldFaults, type ProcessorFault } from './processor-faults.ts';

const fault: ProcessorFault = {
  stage: 'vitals-windowing',
  topic: 'vitals.reading.accepted.v1',
  origin: { partition: 2, offset: 41 },
  atMs: 1000,
};
const newest = (one: ProcessorFault = fault) => new Map([[faultName(one), one]]);
const raisedAt = (nowMs: number, one = fault) => faultTroublesToTell(new Map(), newest(one), nowMs);

test('a fault is told with its place and nothing of the record', () => {
  expect(raisedAt(5000)).toEqual([
    {
      troubleId: expect.stringMatching(/^\S+$/),
      change: 'raised',
      kind: 'processor-fault',
      severity: 'critical',
      stage: 'vitals-windowing',
      topic: 'vitals.reading.accepted.v1',
      partition: 2,
      offset: 41,
      code: 'PROCESSOR_FAULT',
      counts: {},
      detectedAt: 5000,
      clearedAt: null,
    },
  ]);
});

test('further faults of the same stage and topic are the same trouble, those of another topic are another', () => {
  const told = toldFaults(raisedAt(5000));
  const other = { ...fault, topic: 'patient.admission.changed.v1' };

  expect(faultTroublesToTell(told, newest({ ...fault, atMs: 9000 }), 10_000)).toEqual([]);
  expect(faultTroublesToTell(told, new Map([...newest(), ...newest(other)]), 10_000)).toMatchObject([{ topic: other.topic }]);
});

test('an hour after the last fault it is over, and is not told again; a later fault is another trouble', () => {
  const raised = raisedAt(5000);
  const last = newest({ ...fault, atMs: 9000 });
  expect(faultTroublesToTell(toldFaults(raised), last, 9000 + quietMs - 1)).toEqual([]);
  const cleared = faultTroublesToTell(toldFaults(raised), last, 9000 + quietMs);
  expect(cleared).toEqual([{ ...raised[0], change: 'cleared', clearedAt: 9000 + quietMs }]);

  const told = toldFaults([...raised, ...cleared]);
  expect(faultTroublesToTell(told, last, 9001 + quietMs)).toEqual([]);
  const next = faultTroublesToTell(told, newest({ ...fault, origin: null, atMs: 9001 }), 9002 + quietMs);
  expect(next[0]?.troubleId).not.toBe(raised[0]?.troubleId);
  expect(next).toMatchObject([{ change: 'raised', partition: null, offset: null }]);
});

test('a fault found late is open for an hour, too; one whose dead letter is gone ends by when it was noticed', () => {
  const told = toldFaults(raisedAt(9 * quietMs));

  expect(faultTroublesToTell(told, newest(), 10 * quietMs - 1)).toEqual([]);
  expect(faultTroublesToTell(told, new Map(), 10 * quietMs)).toMatchObject([{ change: 'cleared' }]);
});

test('what two instances raised is cleared for both, and troubles of others are left alone', () => {
  const [raised] = raisedAt(5000);
  if (!raised) throw new Error('nothing was raised');
  const records = [raised, { ...raised, troubleId: 'of a paused instance' }, { ...raised, troubleId: 'x', kind: 'stage-halted' }];

  const cleared = faultTroublesToTell(toldFaults(records), newest(), 5000 + quietMs);
  expect(cleared.map(({ troubleId }) => troubleId)).toEqual([raised.troubleId, 'of a paused instance']);
});
