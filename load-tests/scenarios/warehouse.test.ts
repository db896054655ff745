import { expect, test } from '@jest/globals';
import { warehouseReportOf, warehouseText } from './warehouse.ts';

const aResult = (throughput: number, plain: number, indexed: number) => ({
  round: { records: 100, seconds: 1, throughput, cpuSecondsPerMillion: 1, peakMemoryMiB: 100 },
  copy: { rows: 100, plain, indexed },
});

test('the loader is held against COPY of the same rows, with and without an index, by medians', () => {
  const report = warehouseReportOf([aResult(300, 900, 300), aResult(200, 500, 100), aResult(400, 1_000, 200)]);
  expect(report).toMatchObject({ throughput: 300, copy: { plain: 900, indexed: 200 }, ratio: { plainCopy: 0.333, indexedCopy: 1.5 } });
  expect(warehouseText(report)).toContain('ours ÷ COPY: 0.333 without, 1.5 with the index');
});
