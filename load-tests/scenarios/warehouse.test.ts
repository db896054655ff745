import { expect, test } from '@jest/globals';
import { warehouseReportOf, warehouseText } from './warehouse.ts';

const aResult = (throughput: number, plain: number, indexed: number) => ({
  round: { records: 100, seconds: 1, throughput, cpuSecondsPerMillion: 1, peakMemoryMiB: 100 },
  copy: { rows: 100, plain, indexed, plainBinary: 2 * plain, indexedBinary: 2 * indexed, ownIndexesBinary: indexed / 2 },
});

test('the loader is held against COPY of the same rows, with and without an index, by medians', () => {
  const report = warehouseReportOf([aResult(300, 900, 300), aResult(200, 500, 100), aResult(400, 1_000, 200)]);
  expect(report).toMatchObject({
    throughput: 300,
    copy: { plain: 900, indexed: 200 },
    ratio: { plainCopy: 0.333, indexedCopy: 1.5, plainBinaryCopy: 0.167, indexedBinaryCopy: 0.75, ownIndexesBinaryCopy: 3 },
  });
  expect(warehouseText(report)).toContain('no index:                     text 900 (0.333), binary 1800 (0.167)');
});
