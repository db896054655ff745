/**
 * `node scripts/fuzz-claims.ts [--claims N] [--seed N] [--report FILE]`
 *
 * Mutated claims and interchanges through splitter, intake and adjudication on the engine itself, 5,000 to a chain with its
 * own seed; every one accounted for, every decision balanced. Exits 1 when anything does not add up.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fuzzClaims, type FuzzReport } from '../tests/claims/fuzz-claims.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { claims: { ...text, default: '100000' }, seed: { ...text, default: '1' }, report: text } });
const [claims, seed] = [Number(values.claims), Number(values.seed)];
if (![claims, seed].every((value) => Number.isSafeInteger(value) && value > 0)) {
  console.error('Usage: node scripts/fuzz-claims.ts [--claims N] [--seed N] [--report FILE]; whole numbers above 0.');
  process.exit(2);
}
const chainClaims = 5_000;

const addedUp = (counts: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
  const sum: Record<string, number> = {};
  for (const each of counts) for (const [name, count] of Object.entries(each)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
};

const startedMs = performance.now();
const reports: FuzzReport[] = [];
for (let made = 0; made < claims; made += chainClaims) {
  const report = await fuzzClaims(seed + reports.length, Math.min(chainClaims, claims - made));
  reports.push(report);
  for (const problem of report.problems) console.error(`seed ${report.seed}: ${problem}`);
}
const report = {
  seed,
  claims: reports.reduce((sum, { made }) => sum + made, 0),
  received: reports.reduce((sum, { received }) => sum + received, 0),
  rejectedClaims: reports.reduce((sum, { rejectedClaims }) => sum + rejectedClaims, 0),
  intake: addedUp(reports.map(({ intake }) => intake)),
  outcomes: addedUp(reports.map(({ outcomes }) => outcomes)),
  quarantineCodes: addedUp(reports.map(({ quarantineCodes }) => quarantineCodes)),
  problems: reports.flatMap(({ problems }) => problems),
  seconds: Math.round((performance.now() - startedMs) / 1000),
};
if (values.report) writeFileSync(values.report, `${JSON.stringify(report, null, 2)}\n`);
console.log(JSON.stringify(report, null, 2));
process.exitCode = report.problems.length === 0 ? 0 : 1;
