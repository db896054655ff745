import { expect, test } from '@jest/globals';
import { allTopics, storeCatalogue } from './all-topics.ts';
import { changelogTopicOf, deidTopicOf, dlqTopicOf, retryTopicOf } from './topic-names.ts';
import { topics } from './topics.ts';

const local = { chainPartitions: 4, replicationFactor: 1 };
const named = (name: string, shape = local) => allTopics(shape).find((topic) => topic.name === name);

test('every reader of a topic has a quarantine and a way back for it', () => {
  const names = new Set(allTopics(local).map(({ name }) => name));

  for (const { name, readers } of Object.values(topics)) {
    for (const group of readers) {
      expect(names).toContain(dlqTopicOf(name, group));
      expect(names).toContain(retryTopicOf(name, group));
    }
  }
  expect(names.size).toBe(allTopics(local).length);
});

test('what is read whole as a table has no quarantine: nothing of it is consumed', () => {
  const tables = Object.values(topics).filter(({ tableReaders }) => tableReaders.length > 0);

  expect(tables.map(({ name }) => name)).toEqual([
    'reference.provider.changed.v1',
    'reference.plan.changed.v1',
    'reference.fee-schedule.changed.v1',
    'reference.code.changed.v1',
    'reference.edit.changed.v1',
    'batch.job.checkpointed.v1',
    'workflow.parameters.changed.v1',
    'audit.access.recorded.v1',
  ]);
  for (const { name } of tables) expect(named(dlqTopicOf(name, 'claims-validator-adjudicate'))).toBeUndefined();
});

test('the audit trail is read under a principal of its own, which reads nothing else and writes nothing', () => {
  const of = (field: 'readers' | 'tableReaders' | 'writers') =>
    Object.values(topics).flatMap(({ name, ...topic }) => (topic[field].some((party) => party === 'audit-reporter') ? [name] : []));

  expect([topics.accessRecorded.readers, topics.accessRecorded.tableReaders]).toEqual([[], ['audit-reporter']]);
  expect([of('readers'), of('tableReaders'), of('writers')]).toEqual([[], ['audit.access.recorded.v1'], []]);
});

test('a quarantine keeps 5 MB messages for 30 days', () => {
  expect(named('vitals.reading.received.v1.device-ingest.dlq')).toMatchObject({
    kind: 'dlq',
    partitions: 4,
    group: 'device-ingest',
    config: { 'cleanup.policy': 'delete', 'retention.ms': '2592000000', 'max.message.bytes': '5242880' },
  });
});

test('what others send is stamped by the broker and may be 4 MB', () => {
  expect(named('vitals.reading.received.v1')?.config).toMatchObject({
    'message.timestamp.type': 'LogAppendTime',
    'max.message.bytes': '4194304',
  });
  expect(named('vitals.reading.accepted.v1')?.config).toMatchObject({ 'message.timestamp.type': 'CreateTime' });
});

test('compacted topics are kept by key, not by time', () => {
  expect(named('patients.patient.changed.v1')?.config).toEqual(expect.not.objectContaining({ 'retention.ms': expect.anything() }));
});

test('in production two replicas must have a record', () => {
  expect(named('vitals.reading.accepted.v1', { chainPartitions: 12, replicationFactor: 3 })).toMatchObject({
    partitions: 12,
    replicationFactor: 3,
    config: { 'min.insync.replicas': '2', 'unclean.leader.election.enable': 'false' },
  });
  expect(named('vitals.reading.accepted.v1')?.config['min.insync.replicas']).toBe('1');
});

test('every store has a compacted changelog with the chain’s partitions', () => {
  for (const { group, store } of storeCatalogue) {
    expect(named(changelogTopicOf(group, store))).toMatchObject({
      kind: 'changelog',
      partitions: 4,
      config: { 'cleanup.policy': 'compact', 'segment.bytes': '67108864' },
    });
  }
});

test('a store is named as in the topology or as in its schema’s file', () => {
  expect(changelogTopicOf('vitals-windowing', 'alarmStates')).toBe('vitals-windowing.alarm-states.changelog');
  expect(changelogTopicOf('vitals-windowing', 'alarm-states')).toBe('vitals-windowing.alarm-states.changelog');
  expect(deidTopicOf('a.b.c.v1')).toBe('deid.a.b.c.v1');
});

test('only de-identified topics are open to the analysts’ targets', () => {
  for (const { name, readers } of Object.values(topics)) {
    const analysts = (readers as readonly string[]).filter(
      (group) => group === 'warehouse-loader.warehouse' || group === 'warehouse-loader.lake',
    );
    expect(analysts.length === 0 || name.startsWith('deid.')).toBe(true);
  }
});
