import type { Mutant } from './mutant.ts';

const commit = 'engine/task-commit.ts';
const start = 'engine/task-start.ts';
const work = 'engine/task-work.ts';
const stores = 'engine/task-stores.ts';
const decoded = '(planned.decode(value) as object)';

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
    edits: [{ file: 'engine/task-recovery.ts', find: '  await dropProducer(task);\n', replace: '' }],
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
        file: 'engine/task-position.ts',
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
        file: 'engine/process-record.ts',
        find: '(source.isRetry ? originFromHeaders(record.headers()) : null) ?? {',
        replace: 'null ?? {',
      },
    ],
  },
  {
    name: 'uncommitted work kept after an error',
    harm: 'What a failed batch did to the state stays.',
    edits: [{ file: 'engine/task-parts.ts', find: '  task.stores.rollback();\n', replace: '' }],
  },
  {
    name: 'what was fetched before a restart is handled',
    harm: 'Records of the old position are handled at the new one.',
    edits: [
      { file: 'engine/task-inbox.ts', find: 'if (!lane || batch.position !== lane.expected) return;', replace: 'if (!lane) return;' },
      {
        file: 'engine/task-inbox.ts',
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
        file: 'memory/memory-fetcher.ts',
        find: 'log.read(position, maxRecordsPerBatch)',
        replace: "log.read(position, maxRecordsPerBatch, topic.endsWith('.changelog'))",
      },
      {
        file: 'memory/memory-log.ts',
        find: '    read(position, maxRecords) {',
        replace: '    read(position, maxRecords, uncommitted = false) {',
      },
      {
        file: 'memory/memory-log.ts',
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

/** Every deliberate bug of the engine. Sources are edited in a copy: what runs in production carries no switch for it. */
export const mutants: readonly Mutant[] = [...commitBugs, ...takeoverBugs, ...restoreBugs];
