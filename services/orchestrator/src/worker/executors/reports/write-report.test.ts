import { expect, test } from '@jest/globals';
import type { Report } from './report.ts';
import { suppressCells } from './suppress-cells.ts';
import { contentOfReport } from './write-report.ts';

const report: Report = {
  title: 'Cohorts (test)',
  columns: ['name', 'patients', 'flag'],
  rows: [['=SUM(A1)', 11, true], ['a "quoted", b', 10, null], ['-1', 12, false]],
  notes: ['A note.'],
  findings: 0,
  peopleColumn: 'patients',
}; // prettier-ignore

test('CSV is quoted as RFC 4180 wants it, and no text is a formula', () => {
  expect(contentOfReport(report, 'csv').toString()).toBe(
    'name,patients,flag\r\n\'=SUM(A1),11,true\r\n"a ""quoted"", b",10,\r\n\'-1,12,false\r\n',
  );
});

test('a PDF has every line, its table of objects points at them, and the same report gives the same bytes', () => {
  const long = { ...report, rows: Array.from({ length: 100 }, (_row, index) => [`row ${index} ${'x'.repeat(300)}`, 11, null]) };
  const pdf = contentOfReport(long, 'pdf');
  const text = pdf.toString('latin1');

  expect(contentOfReport(long, 'pdf').equals(pdf)).toBe(true);
  expect(text.startsWith('%PDF-1.4\n')).toBe(true);
  expect(text).toContain('(Cohorts \\(test\\)) Tj');
  for (const index of [0, 99]) expect(text).toContain(`row ${index} x`);
  expect(Number(/\/Count (\d+)/.exec(text)?.[1])).toBeGreaterThan(1);
  const start = Number(/startxref\n(\d+)/.exec(text)?.[1]);
  expect(text.slice(start, start + 4)).toBe('xref');
  const offsets = [...text.slice(start).matchAll(/^(\d{10}) 00000 n /gm)].map((match) => Number(match[1]));
  for (const [index, offset] of offsets.entries()) expect(text.slice(offset).startsWith(`${index + 1} 0 obj`)).toBe(true);
});

test('cells of too few people are left out and counted; a report that is about no people is left as it is', () => {
  expect(suppressCells(report, 11)).toMatchObject({ rows: [['=SUM(A1)', 11, true], ['-1', 12, false]], notes: ['A note.', '1 cells of fewer than 11 patients were left out.'] }); // prettier-ignore
  expect(suppressCells(report, 10)).toBe(report);
  expect(suppressCells({ ...report, peopleColumn: null }, 11).rows).toHaveLength(3);
});
