/**
 * `node scripts/large-file.ts [--mib N] [--report FILE]`: a CSV of 1 GiB from a folder into its topic, and that the memory
 * it takes does not depend on its size. Exits 1 when it does. Needs three times its size on the disk.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { largeFileText, measureLargeFile } from '../load-tests/scenarios/large-file.ts';

const { values } = parseArgs({ options: { mib: { type: 'string', default: '1024' }, report: { type: 'string' } } });
const mebibytes = Number(values.mib);
if (!Number.isSafeInteger(mebibytes) || mebibytes < 1) {
  console.error('Usage: node scripts/large-file.ts [--mib N] [--report FILE]; N = size of the file, a whole number above 0.');
  process.exit(2);
}
const report = await measureLargeFile(mebibytes);
console.log(largeFileText(report));
if (values.report !== undefined) writeFileSync(values.report, `${JSON.stringify(report, null, 2)}\n`);
process.exitCode = report.met ? 0 : 1;
