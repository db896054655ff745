import type { Mutant } from './mutant.ts';

const kafka = 'packages/kafka/src';
const commit = `${kafka}/engine/task-commit.ts`;
const start = `${kafka}/engine/task-start.ts`;
const work = `${kafka}/engine/task-work.ts`;
const stores = `${kafka}/engine/task-stores.ts`;
const sinkTarget = `${kafka}/memory/memory-sink-target.ts`;
const decoded = '(planned.decode(bytes, from, to) as object)';

const commitBugs: readonly Mutant[] = [
  {
    name: 'commit before outputs',
    harm: 'A crash between the two loses what the records came to.',
    edits: [
      {
        file: commit,
        find: '  if (all.length > 0) {',
        replace: `  await producer.sendPositions(plan.group, positionsOf(task, next));
  await producer.commit();
  await producer.begin();
  if (all.length > 0) {`,
      },
    ],
  },
  {
    name: 'merge overlay before commit',
    harm: 'State counts what was never committed.',
    edits: [{ file: commit, find: '  await producer.commit();', replace: '  task.stores.merge();\n  await producer.commit();' }],
  },
  {
    name: 'keep the producer after an error',
    harm: 'Its transaction, half of it sent, is committed with the next.',
    edits: [{ file: `${kafka}/engine/task-recovery.ts`, find: '  await dropProducer(task);\n', replace: '' }],
  },
  {
    name: 'skip changelog',
    harm: 'After a restart the state is that of before.',
    edits: [{ file: commit, find: '...changelog, ', replace: '' }],
  },
  {
    name: 'offset = last instead of last + 1',
    harm: 'After a restart the last record is handled twice.',
    edits: [
      {
        file: work,
        find: 'work.positions.set(queued.source.name, record.offset + 1)',
        replace: 'work.positions.set(queued.source.name, record.offset)',
      },
    ],
  },
  {
    name: 'DLQ outside the transaction',
    harm: 'A transaction that is aborted leaves its letters, and writes them again.',
    edits: [
      {
        file: commit,
        find: '  await producer.begin();',
        replace: `  const isLetter = ({ topic }) => topic.endsWith('.dlq');
  const outside = await task.world.client.openIdempotentProducer();
  if (all.some(isLetter)) await outside.send(all.filter(isLetter));
  await producer.begin();`,
      },
      { file: commit, find: 'producer.send(all)', replace: 'producer.send(all.filter((record) => !isLetter(record)))' },
    ],
  },
  {
    name: 'ledger outside the transaction',
    harm: 'The ledger counts what was never committed.',
    edits: [
      {
        file: commit,
        find: '  await producer.begin();',
        replace: `  const isRow = ({ topic }) => topic === plan.ledger.name;
  const outside = await task.world.client.openIdempotentProducer();
  if (all.some(isRow)) await outside.send(all.filter(isRow));
  await producer.begin();`,
      },
      { file: commit, find: 'producer.send(all)', replace: 'producer.send(all.filter((record) => !isRow(record)))' },
    ],
  },
];

const takeoverBugs: readonly Mutant[] = [
  {
    name: 'no fence',
    harm: 'A zombie that wakes commits beside its successor.',
    edits: [
      {
        file: start,
        find: `transactionalId: \`\${plan.group}.\${partition}\``,
        replace: `transactionalId: \`\${plan.group}.\${partition}.\${task.random()}\``,
      },
    ],
  },
  {
    name: 'position read before the fence',
    harm: 'What the predecessor commits in between is handled again.',
    edits: [
      {
        file: start,
        find: `  await task.producer.fence();
  const found = await readTaskPosition(plan, partition, world.client.admin);`,
        replace: `  const found = await readTaskPosition(plan, partition, world.client.admin);
  await task.producer.fence();`,
      },
    ],
  },
  {
    name: 'state kept across a fence without looking',
    harm: 'State that somebody else went on with is used as if it were the last.',
    edits: [
      {
        file: start,
        find: `  found.metadata.commit === task.metadata.commit &&
  [...found.positions].every(([topic, offset]) => task.committed.get(topic) === offset);`,
        replace: '  found.positions.size > 0;',
      },
    ],
  },
  {
    name: 'resume before restore ends',
    harm: 'Records are handled on half of the state.',
    edits: [
      { file: start, find: '  else await restore(task, found);', replace: '  else void restore(task, found).catch(() => undefined);' },
    ],
  },
  {
    name: 'offset reset ignored',
    harm: 'Records that the broker deleted unread are skipped in silence.',
    edits: [
      {
        file: `${kafka}/engine/task-position.ts`,
        find: '  if (offset < start || offset > end) {',
        replace: '  if (offset < start) return start;\n  if (offset > end) {',
      },
    ],
  },
  {
    name: 'a requeued record gets a new identity',
    harm: 'Its second letter does not tell where it came from, nor how often it failed.',
    edits: [
      {
        file: `${kafka}/engine/process-record.ts`,
        find: '(source.isRetry ? originFromHeaders(record.headers()) : null) ?? {',
        replace: 'null ?? {',
      },
    ],
  },
  {
    name: 'uncommitted work kept after an error',
    harm: 'What a failed batch did to the state stays.',
    edits: [{ file: `${kafka}/engine/task-parts.ts`, find: '  task.stores.rollback();\n', replace: '' }],
  },
  {
    name: 'what was fetched before a restart is handled',
    harm: 'Records of the old position are handled at the new one.',
    edits: [
      {
        file: `${kafka}/engine/task-inbox.ts`,
        find: 'if (!lane || batch.position !== lane.expected) return;',
        replace: 'if (!lane) return;',
      },
      {
        file: `${kafka}/engine/task-inbox.ts`,
        find: '        lane.queue.length = 0;\n        lane.queuedRecords',
        replace: '        lane.queuedRecords',
      },
    ],
  },
];

const restoreBugs: readonly Mutant[] = [
  {
    name: 'restore read_uncommitted',
    harm: 'Aborted changes come back as state.',
    edits: [
      {
        file: `${kafka}/memory/memory-fetcher.ts`,
        find: 'log.read(position, maxRecordsPerBatch)',
        replace: "log.read(position, maxRecordsPerBatch, topic.endsWith('.changelog'))",
      },
      {
        file: `${kafka}/memory/memory-log.ts`,
        find: '    read(position, maxRecords) {',
        replace: '    read(position, maxRecords, uncommitted = false) {',
      },
      {
        file: `${kafka}/memory/memory-log.ts`,
        find: "if (entry.record && entry.transaction?.state !== 'aborted') records",
        replace: "if (entry.record && (uncommitted || entry.transaction?.state !== 'aborted')) records",
      },
    ],
  },
  {
    name: 'watermark not restored',
    harm: 'After a restart nothing is late.',
    edits: [{ file: stores, find: decoded, replace: `{ ...${decoded}, watermark: -1 }` }],
  },
  {
    name: 'dedupe forgotten after restart',
    harm: 'A message that the device sends again counts twice.',
    edits: [{ file: stores, find: decoded, replace: `{ ...${decoded}, seen: [] }` }],
  },
];

const sinkBugs: readonly Mutant[] = [
  {
    name: 'a sink’s position outside of the transaction',
    harm: 'Where the connection breaks behind the rows, they are written again.',
    edits: [
      { file: sinkTarget, find: '        (positions.get(nameOf(slice)) as StoredPosition).nextOffset = slice.nextOffset;\n', replace: '' },
      {
        file: sinkTarget,
        find: "      await hook('written', batch);\n",
        replace: `      await hook('written', batch);
      for (const slice of batch.slices) (positions.get(nameOf(slice)) as StoredPosition).nextOffset = slice.nextOffset;
`,
      },
    ],
  },
  {
    name: 'a sink’s epoch not checked',
    harm: 'A zombie that wakes writes in the place of its successor.',
    edits: [{ file: sinkTarget, find: 'stored?.epoch !== slice.epoch || stored.nextOffset', replace: 'stored?.nextOffset' }],
  },
  {
    name: 'a sink stores the offset of its last record, not its position',
    harm: 'It never passes the marker at the end: its lag is never 0.',
    edits: [
      {
        file: `${kafka}/sink/sink-queue.ts`,
        find: 'nextOffset: this.#peek()?.offset ?? this.#fetched }',
        replace: 'nextOffset: (taken.at(-1)?.offset ?? this.written - 1) + 1 }',
      },
    ],
  },
  {
    name: 'a sink’s rows before its quarantine',
    harm: 'A crash between the two loses the letter.',
    edits: [
      {
        file: `${kafka}/sink/sink-batches.ts`,
        find: "        await refuse(slice, refused, 'decode');",
        replace: "        clock.after(50, () => void refuse(slice, refused, 'decode').catch(() => undefined));",
      },
    ],
  },
];

const facilityBugs: readonly Mutant[] = [
  {
    name: 'table positions not committed',
    harm: 'Nobody can tell by which parameters a record was decided.',
    edits: [{ file: commit, find: 'committedAt, tablePositions })', replace: 'committedAt, tablePositions: {} })' }],
  },
  {
    name: 'a table changes under an open batch',
    harm: 'The ledger names parameters that some of the decisions had not seen.',
    edits: [{ file: `${kafka}/engine/task-turn.ts`, find: ' || isOvertaken(task)', replace: '' }],
  },
  {
    name: 'refusals in a row forgotten after a restart',
    harm: 'A bad deploy that also crashes drains into quarantine.',
    edits: [{ file: start, find: '  task.watch.resume(found.metadata.rejectedInARow);\n', replace: '' }],
  },
  {
    name: 'alarms not restored',
    harm: 'After a restart an open episode is raised again, or never cleared.',
    edits: [
      {
        file: 'services/vitals-windowing/src/state/ward-rows.ts',
        find: 'patient.alarms = memory?.alarms.map(trackOf) ?? [];',
        replace: 'patient.alarms = [];',
      },
    ],
  },
  {
    name: 'of a patient who sleeps the first row is kept, not the newest',
    harm: 'After a restart the patient is as long ago: readings count twice or not at all.',
    edits: [
      { file: 'services/vitals-windowing/src/domain/patient/sleepers.ts', find: 'return this.#rows.replace(at, row);', replace: 'return;' },
    ],
  },
  {
    name: 'a request that comes twice is carried out twice',
    harm: 'Without numbered batches the client’s own repeat doubles records.',
    edits: [{ file: `${kafka}/memory/sequence-book.ts`, find: 'return isRepeat;', replace: 'return false;' }],
  },
];

/** Every deliberate bug of the engine. Sources are edited in a copy: what runs in production carries no switch for it. */
export const mutants: readonly Mutant[] = [...commitBugs, ...takeoverBugs, ...restoreBugs, ...sinkBugs, ...facilityBugs];
