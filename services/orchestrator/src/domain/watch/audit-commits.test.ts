import { expect, test } from '@jest/globals';
import type { BatchProgressed } from '@vigil/contracts';
import fc from 'fast-check';
import { createCommitAudit, type AuditFinding, type CommitAudit } from './audit-commits.ts';

const topic = 'vitals.reading.accepted.v1';
const sink = 'warehouse-loader.operational';
const none = { processed: 0, late: 0, lateCorrected: 0, duplicate: 0, rejected: 0, suppressed: 0, outputs: {}, tablePositions: {} };

const rowOf = (stage: string, offsets: readonly number[], committedAt: number, more: Partial<BatchProgressed> = {}): BatchProgressed => ({
  ...none,
  stage,
  subStage: '',
  topic,
  partition: 0,
  batchId: null,
  firstOffset: Math.min(...offsets),
  lastOffset: Math.max(...offsets),
  consumed: offsets.length,
  committedAt,
  ...more,
});

/** Every third offset is a marker. */
const isRecord = (offset: number): boolean => offset % 3 !== 2;
const logOf = (from: number, end: number): number[] => Array.from({ length: end - from }, (_, at) => from + at).filter(isRecord);

/** Reads what can be judged now, at most `most` offsets of a stretch at once. */
function look(audit: CommitAudit, most = Infinity): readonly AuditFinding[] {
  const findings: AuditFinding[] = [];
  for (const { from, end, ...place } of audit.stretches()) {
    const clipped = { ...place, from, end: Math.min(end, from + most) };
    findings.push(...audit.hold(clipped, logOf(from, clipped.end)));
  }
  return findings;
}

/** Commits of a stage over the log, cut at these offsets; `skip` are records that it never saw. */
function commitsOf(stage: string, cuts: readonly number[], skip: ReadonlySet<number> = new Set()): BatchProgressed[] {
  return cuts.slice(1).flatMap((end, at) => {
    const offsets = logOf(cuts[at] as number, end).filter((offset) => !skip.has(offset));
    return offsets.length === 0 ? [] : [rowOf(stage, offsets, at + 1)];
  });
}

function cutsOf(lengths: readonly number[]): number[] {
  const cuts = [0];
  for (const length of lengths) cuts.push((cuts.at(-1) as number) + length);
  return cuts;
}
const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 30, maxLength: 60 });

test('however stages cut the log into commits and however much is held at once, what is whole is found whole', () => {
  fc.assert(
    fc.property(sizes, sizes, fc.integer({ min: 1, max: 40 }), (first, second, most) => {
      const audit = createCommitAudit();
      const [a, b] = [commitsOf('vitals-windowing', cutsOf(first)), commitsOf('deidentifier', cutsOf(second))];
      for (let at = 0; at < Math.max(a.length, b.length); at++) {
        for (const row of [a[at], b[at]]) if (row) audit.enter(row);
        expect(look(audit, most)).toEqual([]);
      }
    }),
  );
});

test('each record that a stage passed over is found under flow, and of no other stage', () => {
  fc.assert(
    fc.property(sizes, sizes, fc.integer({ min: 30, max: 40 }), (first, second, lost) => {
      fc.pre(isRecord(lost));
      const audit = createCommitAudit();
      const rows = [...commitsOf('vitals-windowing', cutsOf(first), new Set([lost])), ...commitsOf('deidentifier', cutsOf(second))];
      const found = rows.sort((x, y) => x.lastOffset - y.lastOffset).flatMap((row) => (audit.enter(row), look(audit, 10)));
      const whole = cutsOf(first).at(-1) as number;
      fc.pre(whole > 60 && (cutsOf(second).at(-1) as number) > 60);
      expect(found).toEqual([{ stage: 'vitals-windowing', topic, records: 1 }]);
    }),
  );
});

test('a commit that counts more than stands there is found', () => {
  const audit = createCommitAudit();
  const rows = commitsOf('vitals-windowing', [0, 6, 12, 18]);
  for (const row of rows) audit.enter(row.firstOffset === 6 ? { ...row, consumed: row.consumed + 2 } : row);

  expect(look(audit)).toEqual([{ stage: 'vitals-windowing', topic, records: 2 }]);
});

test('rows of one commit that part the records by batch are one account', () => {
  const audit = createCommitAudit();
  audit.enter(rowOf('vitals-windowing', [0, 1, 4], 1, { batchId: 'a' }));
  audit.enter(rowOf('vitals-windowing', [3], 1, { batchId: 'b' }));
  expect(audit.stretches()).toEqual([]);
  audit.enter(rowOf('vitals-windowing', [6, 7], 2));

  expect(audit.stretches()).toEqual([{ topic, partition: 0, from: 0, end: 5 }]);
  expect(look(audit)).toEqual([]);
});

test('what a sink tells twice, or loads again after a rewind in other cuts, is no finding', () => {
  const audit = createCommitAudit();
  const loaded = commitsOf(sink, [0, 6, 12, 18]);
  for (const row of [...loaded, ...loaded.slice(1)]) audit.enter(row);
  expect(look(audit)).toEqual([]);
  const again = commitsOf(sink, [0, 9, 21, 30, 36, 42]).map((row) => ({ ...row, committedAt: row.committedAt + 100 }));
  for (const row of again) {
    audit.enter(row);
    expect(look(audit)).toEqual([]);
  }
  expect(audit.stretches()).toEqual([]);
});

test('a stage that tells nothing more does not stop the judgement of the others, and is judged again from where it goes on', () => {
  const audit = createCommitAudit();
  const cuts = Array.from({ length: 2100 }, (_, at) => at * 3);
  for (const row of commitsOf('deidentifier', [0, 3, 6, 9])) audit.enter(row);
  for (const row of commitsOf('vitals-windowing', cuts, new Set([3000]))) audit.enter(row);
  expect(look(audit)).toEqual([{ stage: 'vitals-windowing', topic, records: 1 }]);

  const next = commitsOf('deidentifier', [9, 7000, 7003, 7006]).map((row) => ({ ...row, committedAt: row.committedAt + 5000 }));
  for (const row of next) audit.enter(row);
  for (const row of commitsOf('vitals-windowing', [6297, 7000, 7003, 7006]).map((one) => ({ ...one, committedAt: one.committedAt + 5000 })))
    audit.enter(row);
  expect(look(audit)).toEqual([]);
});

test('a place that the log no longer holds is judged again from what comes next', () => {
  const audit = createCommitAudit();
  for (const row of commitsOf('vitals-windowing', [0, 6, 12, 18])) audit.enter(row);
  audit.forget({ topic, partition: 0 });
  expect(audit.stretches()).toEqual([]);
  for (const row of commitsOf('vitals-windowing', [90, 96, 102])) audit.enter(row);

  expect(audit.stretches()).toEqual([{ topic, partition: 0, from: 90, end: 95 }]);
  expect(look(audit)).toEqual([]);
});

test('what the passing of time did, and compacted topics, are not held against the log', () => {
  const audit = createCommitAudit();
  for (const at of [1, 2, 3]) {
    audit.enter(rowOf('vitals-windowing', [at * 3], at, { subStage: 'tick', topic: '' }));
    audit.enter(rowOf('vitals-windowing', [at * 3], at, { topic: 'patients.patient.changed.v1' }));
  }
  expect(audit.stretches()).toEqual([]);
  expect(audit.hold({ topic, partition: 9, from: 0, end: 1 }, [0])).toEqual([]);
});
