import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { sharedData } from '@vigil/testing';
import { findingsOf, splitAll } from '../test-support/split-all.ts';
import { readClaim } from './index.ts';

const x12 = sharedData('x12');
const cms = sharedData('cms-bfd');
const filesOf = (folder: string | null, pattern: string): [string, string][] =>
  folder === null ? [] : globSync(pattern, { cwd: folder }).sort().map((path) => [path, join(folder, path)]); // prettier-ignore

const interchanges = filesOf(x12, '{imsweb-837/*.txt,linuxforhealth/*/*}');

/** CLM segments as a search for them finds them, whatever delimiters a file has. */
const claimsIn = (bytes: Buffer): number => (bytes.toString('latin1').match(/(?<=[~_]\s*)CLM[*~]/g) ?? []).length;

test.each(interchanges.length === 0 ? [['nothing', '']] : interchanges)(
  '%s has an outcome, and every claim is in it',
  async (_name, path) => {
    if (path === '') return;
    const bytes = readFileSync(path);
    const result = await splitAll(bytes, { chunkBytes: 1000 });
    expect(result.received + result.rejectedClaims).toBe(claimsIn(bytes));
    expect(result.received + result.rejected.length).toBeGreaterThan(0);
    for (const { received } of result.claims) expect(readClaim(received)).toMatchObject({ ok: true });
    for (const { record } of result.rejected) expect(record.findings).not.toEqual([]);
  },
);

/**
 * What is wrong with the broken files, found by reading them; ST is segment 1. Nearly all of imsweb's files claim 25 segments in SE
 * whatever they have, name ICD-9 codes without a qualifier's separator (`HI*BK*8901`), and number HL without order.
 */
const verified: readonly (readonly [file: string, findings: readonly string[], received: number, rejected: number])[] = [
  ['x12_999_accepted.txt', ['TA1-001@10 IEA 2'], 0, 0],
  ['x12_999_rejected.txt', ['999-AK9-1@2 GS 1'], 0, 0],
  ['x12_bad_first_line.txt', ['TA1-011@1 ISA 2'], 0, 2],
  // `*IC*…`, `Nd4`, `NM31`.
  ['x12_bad_segment_identifier.txt', ['999-IK3-1@4', '999-IK3-1@9', '999-IK3-1@18'], 0, 2],
  // NM1*117 where the billing provider should be named.
  ['x12_bad_valid_code.txt', ['999-IK4-7@7 NM1 1'], 0, 2],
  ['x12_loop_errors1_exceeds_max_1_parent.txt', ['999-IK3-4@13 NM1'], 0, 1],
  ['x12_missing_elements.txt', ['999-IK4-1@5 NM1 2'], 0, 2],
  ['x12_no_isa_line.txt', ['X12_NO_ENVELOPE@1'], 0, 2],
  // REF before N4, and N4 before N3.
  ['x12_segments_out_of_order.txt', ['999-IK3-7@10 N4', '999-IK3-7@15 N3'], 0, 2],
  ['x12_segment_errors.txt', ['999-IK5-4@23 SE 1'], 0, 1],
  ['x12_many_claims.txt', ['999-IK4-1@21 HI 1:2', '999-IK4-7@25 HL 1'], 0, 820],
  ['x12_multiple_gs.txt', ['TA1-021@110 IEA 1'], 0, 6],
  ['x12_multiple_st.txt', ['999-AK9-5@71 GE 1'], 0, 4],
  // The ISA tells `:`, the claims use `>`.
  ['demo.example9.837', ['999-IK4-5@18 CLM 5:1', '999-IK4-5@19 HI 1:1'], 0, 1],
  ['demo.autoaccident.837', [], 1, 0],
  ['two-claims-single-provider.837i', [], 2, 0],
];

test.each(x12 === null ? [] : verified)('%s: %j', async (file, findings, received, rejected) => {
  const [, path = ''] = interchanges.find(([name]) => basename(name) === file) ?? [];
  const result = await splitAll(readFileSync(path));
  expect(findingsOf(result).slice(0, findings.length)).toEqual(findings);
  expect([result.received, result.rejectedClaims]).toEqual([received, rejected]);
});

const rifFiles = filesOf(cms, 'rif-synthea/{carrier,dme,hha,hospice,inpatient,outpatient,pde,snf}.csv');

test.each(rifFiles.length === 0 ? [['nothing', '']] : rifFiles)('%s: every claim of it is received and read', async (_name, path) => {
  if (path === '') return;
  const bytes = readFileSync(path);
  const rows = bytes.toString().trim().split('\n').slice(1).map((row) => row.split('|')); // prettier-ignore
  const idColumn = path.endsWith('pde.csv') ? 1 : 2;
  const result = await splitAll(bytes, { chunkBytes: 4096 });

  expect([result.rejected, new Set(result.claims.map(({ key }) => key)).size]).toEqual([
    [],
    new Set(rows.map((row) => row[idColumn])).size,
  ]);
  for (const { received } of result.claims) {
    const read = readClaim(received);
    if (!read.ok) throw new Error(read.code);
    expect(read.claim).toMatchObject({
      serviceFrom: expect.any(Number),
      patient: { id: expect.stringMatching(/^-\d+$/) },
      providerId: expect.stringMatching(/./),
    });
  }
});

test.each(filesOf(cms, 'idr-sample-data/EOB-*.json'))('%s is read as a claim, or told to be none', async (_name, path) => {
  const result = await splitAll(readFileSync(path));
  expect(result.received + result.rejected.length).toBe(1);
  // A prior authorisation comes in the same shape and has no claim's id.
  const expected = path.endsWith('PriorAuth-Sample.json')
    ? { ok: false, code: 'MISSING_CLAIM_ID' }
    : { ok: true, claim: { format: 'cms-eob' } };
  for (const { received } of result.claims) expect(readClaim(received)).toMatchObject(expected);
});

test.each(filesOf(cms, '{rif-synthea/{beneficiary*,export*}.csv,idr-sample-data/{BFD,Bene,Cov}*.json,idr-sample-data/*.csv}'))(
  '%s holds no claim',
  async (_name, path) => {
    const result = await splitAll(readFileSync(path));
    // A JSON object that says nothing of what it is leaves for quarantine, as any other without a claim id does.
    for (const { received } of result.claims) expect(readClaim(received)).toEqual({ ok: false, code: 'MISSING_CLAIM_ID' });
    expect(result.rejectedClaims).toBe(0);
  },
);
