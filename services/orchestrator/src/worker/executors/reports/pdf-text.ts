/** A4 in points, and a monospaced face that every reader has. */
const page = { width: 842, height: 595, margin: 36 };
const fontSize = 7;
const lineHeight = 9;
/** Courier is 0.6 of its size wide. */
const mostColumns = Math.floor((page.width - 2 * page.margin) / (fontSize * 0.6));
const mostLines = Math.floor((page.height - 2 * page.margin) / lineHeight);

/** Latin-1 as PDF's standard encoding has it; what it lacks becomes a question mark. */
const escaped = (text: string): string =>
  Array.from(text, (character) =>
    '()\\'.includes(character) ? `\\${character}` : character >= ' ' && character <= '\u00ff' ? character : '?',
  ).join('');

const wrapped = (line: string): readonly string[] =>
  line.length <= mostColumns ? [line] : (line.match(new RegExp(`.{1,${mostColumns}}`, 'gu')) ?? ['']);

function contentOf(lines: readonly string[]): string {
  const shown = lines.map((line) => `(${escaped(line)}) Tj T*`).join('\n');
  return `BT /F1 ${fontSize} Tf ${lineHeight} TL ${page.margin} ${page.height - page.margin} Td\n${shown}\nET`;
}

/** Lines of text as a PDF 1.4 in landscape: nothing but text, the same bytes for the same lines. @see ISO 32000-1, 7.5 */
export function pdfOfLines(text: readonly string[]): Buffer {
  const lines = text.flatMap(wrapped);
  const pages: string[][] = [];
  for (let at = 0; at < Math.max(1, lines.length); at += mostLines) pages.push(lines.slice(at, at + mostLines));
  const kids = pages.map((_lines, index) => `${4 + 2 * index} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>',
    ...pages.flatMap((shown, index) => {
      const content = contentOf(shown);
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${page.width} ${page.height}] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + 2 * index} 0 R >>`,
        `<< /Length ${Buffer.byteLength(content, 'latin1')} >>\nstream\n${content}\nendstream`,
      ];
    }),
  ];
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  const trailer = `xref\n0 ${size}\n0000000000 65535 f \n${entries}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`;
  return Buffer.from(body + trailer, 'latin1');
}
