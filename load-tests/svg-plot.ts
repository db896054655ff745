/** One line of a panel: a value for each moment; null = nothing was measured then. */
export interface PlotLine {
  readonly name: string;
  readonly values: readonly (number | null)[];
}

export interface PlotPanel {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly PlotLine[];
}

export interface Plot {
  readonly title: string;
  /** Seconds of the moments, ascending. */
  readonly seconds: readonly number[];
  readonly panels: readonly PlotPanel[];
  /** Moments to mark over all panels. */
  readonly marks: readonly { readonly second: number; readonly name: string }[];
}

const [width, panelHeight, left, right, top, gap] = [960, 150, 70, 170, 46, 44] as const;
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'];

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const text = (x: number, y: number, words: string, more = ''): string => `<text x="${x}" y="${y}" ${more}>${escape(words)}</text>`;
const short = (value: number): string => (value >= 1000 ? `${(value / 1000).toFixed(1)}k` : value.toFixed(value < 10 ? 1 : 0));

/** Runs of neighbouring values; a gap stays a gap. */
function pathOf(values: readonly (number | null)[], at: (index: number, value: number) => string): string {
  return values
    .map((value, index) => (value === null ? '' : `${index > 0 && values[index - 1] !== null ? 'L' : 'M'}${at(index, value)}`))
    .join(' ');
}

function panelOf({ title, unit, lines }: PlotPanel, index: number, x: (second: number) => number, seconds: readonly number[]): string {
  const y0 = top + index * (panelHeight + gap);
  const most = Math.max(Number.EPSILON, ...lines.flatMap(({ values }) => values.filter((value) => value !== null)));
  const y = (value: number): number => y0 + panelHeight - (value / most) * panelHeight;
  const drawn = lines.map(({ name, values }, line) => {
    const colour = colours[line % colours.length] ?? '#000';
    const path = pathOf(values, (moment, value) => `${x(seconds[moment] ?? 0).toFixed(1)} ${y(value).toFixed(1)}`);
    const dots = values.map((value, moment) =>
      value === null || (values[moment - 1] ?? null) !== null || (values[moment + 1] ?? null) !== null
        ? ''
        : `<circle cx="${x(seconds[moment] ?? 0).toFixed(1)}" cy="${y(value).toFixed(1)}" r="2" fill="${colour}"/>`,
    );
    const dash = line === 0 ? '' : ` stroke-dasharray="${line * 4} ${line * 2}"`;
    return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="1.6"${dash}/>${dots.join('')}${text(width - right + 10, y0 + 14 + line * 16, name, `fill="${colour}"`)}`;
  });
  const frame = `<rect x="${left}" y="${y0}" width="${width - left - right}" height="${panelHeight}" fill="none" stroke="#999"/>`;
  const scale = `${text(left - 6, y0 + 10, short(most), 'text-anchor="end"')}${text(left - 6, y0 + panelHeight, '0', 'text-anchor="end"')}`;
  return `${text(left, y0 - 6, `${title} (${unit})`, 'font-weight="bold"')}${frame}${scale}${drawn.join('')}`;
}

/** A plot as one SVG document: panels above each other over the same seconds. */
export function svgPlot({ title, seconds, panels, marks }: Plot): string {
  const [first, last] = [seconds[0] ?? 0, Math.max(seconds.at(-1) ?? 1, (seconds[0] ?? 0) + 1)];
  const x = (second: number): number => left + ((second - first) / (last - first)) * (width - left - right);
  const height = top + panels.length * (panelHeight + gap);
  const marked = marks.map(
    ({ second, name }) =>
      `<line x1="${x(second).toFixed(1)}" x2="${x(second).toFixed(1)}" y1="${top}" y2="${height - gap}" stroke="#666" stroke-dasharray="2 3"/>${text(Number(x(second).toFixed(1)) + 3, height - gap + 28, name, 'fill="#444"')}`,
  );
  const axis = `${text(left, height - gap + 14, `${first.toFixed(0)} s`)}${text(width - right, height - gap + 14, `${last.toFixed(0)} s`, 'text-anchor="end"')}`;
  const body = panels.map((panel, index) => panelOf(panel, index, x, seconds)).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
${text(left, 20, title, 'font-size="15" font-weight="bold"')}
${body}
${axis}
${marked.join('\n')}
</svg>
`;
}
