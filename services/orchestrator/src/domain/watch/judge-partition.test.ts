import { expect, test } from '@jest/globals';
import { judgePartition } from './judge-partition.ts';
import { addSample, windowSamples, type LagSample, type PartitionHistory } from './partition-history.ts';

/** A look every two seconds: position, end, and what was committed beside it. */
type Look = readonly [position: number, end: number, mark?: string];

function historyOf(looks: readonly Look[], lagSeconds = 30): PartitionHistory {
  const samples = looks.map(([position, end, mark = ''], index): LagSample => {
    const lagRecords = end - position;
    return { atMs: index * 2000, position, mark, lagRecords, lagSeconds: lagRecords === 0 ? 0 : lagSeconds };
  });
  const history = samples.reduce<PartitionHistory | undefined>(addSample, undefined);
  if (!history) throw new Error('no look');
  return history;
}
const looks = (count: number, at: (index: number) => Look): Look[] => Array.from({ length: count }, (_, index) => at(index));
const judge = (...args: Parameters<typeof historyOf>) => judgePartition(historyOf(...args));

test('a group that reaches the end now and then is well', () => {
  expect(judge(looks(12, (index) => [index * 10, index === 8 ? 80 : index * 10 + 50]))).toBe('OK');
});

test('a lag that sometimes shrinks is well, one that never does is a warning', () => {
  expect(judge(looks(12, (index) => [index * 10, 1000 + (index === 7 ? 0 : 20 * index)]))).toBe('OK');
  expect(judge(looks(12, (index) => [index * 10, 1000 + 20 * index]))).toBe('WARN');
});

test('the work of the moment is no warning, however it runs', () => {
  expect(
    judge(
      looks(12, (index) => [index * 10, index * 10 + 5]),
      0.4,
    ),
  ).toBe('OK');
});

test('commits that do not move are a stall', () => {
  expect(judge(looks(12, (index) => [10, 100 + index, `tick ${index}`]))).toBe('STALL');
});

test('without a commit for the whole window the group has stopped, though its commits took longer before', () => {
  expect(judge(looks(5, () => [10, 100]))).toBe('OK');
  expect(judge(looks(windowSamples, () => [10, 100]))).toBe('STOP');
  const alive = looks(20, (index): Look => [index * 10, 1000 + 20 * index]);
  const dead = looks(windowSamples + 1, (index): Look => [190, 1400 + 20 * index]);
  expect(judge([...alive, ...dead.slice(0, 5)])).toBe('WARN');
  expect(judge([...alive, ...dead])).toBe('STOP');
});

test('the first record after a long silence is no stop', () => {
  expect(judge([...looks(100, (): Look => [10, 10]), [10, 11], [10, 11]])).toBe('OK');
});

test('a position that went back is a rewind until it is where it was, even where nothing waited before', () => {
  const before = looks(10, (index): Look => [100 + index, 100 + index]);
  expect(judge([...before, [20, 110]])).toBe('REWIND');
  expect(judge([...before, [20, 110], [60, 110]])).toBe('REWIND');
  expect(judge([...before, [20, 110], [109, 111]])).toBe('OK');
  expect(judge([...before, [20, 110], [110, 110]])).toBe('OK');
});
