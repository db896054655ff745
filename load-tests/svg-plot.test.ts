import { expect, test } from '@jest/globals';
import { svgPlot } from './svg-plot.ts';

const plot = svgPlot({
  title: 'A & B',
  seconds: [0, 1, 2, 3],
  panels: [
    { title: 'rate', unit: '/s', lines: [{ name: 'offered', values: [0, 1000, 2000, null] }] },
    { title: 'lag', unit: 's', lines: [{ name: 'lag', values: [null, 4, null, 2] }] },
  ],
  marks: [{ second: 2, name: 'end' }],
});

test('each panel has its lines to its own scale, and gaps stay gaps', () => {
  expect(plot).toContain('A &amp; B');
  expect(plot).toContain('d="M70.0 196.0 L310.0 121.0 L550.0 46.0 "');
  expect(plot.match(/<circle/g)).toHaveLength(2);
  expect(plot).toContain('>2.0k<');
  expect(plot).toContain('x1="550.0"');
});

test('of nothing there is an empty plot', () => {
  expect(svgPlot({ title: 'x', seconds: [], panels: [], marks: [] })).toContain('<svg');
});
