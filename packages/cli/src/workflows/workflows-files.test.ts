import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';
import { registerWorkflows } from '../commands/workflows.ts';
import { runCli } from '../run-cli.ts';

const folder = join(mkdtempSync(join(tmpdir(), 'vigil-workflows-')), 'workflows');
cpSync(fileURLToPath(new URL('../../../../workflows', import.meta.url)), folder, { recursive: true });
const claims = join(folder, 'definitions', 'claims_processing_workflow.yaml');
const asItStands = readFileSync(claims, 'utf8');
afterAll(() => rmSync(join(folder, '..'), { recursive: true }));

async function vigil(...args: string[]) {
  const printed = { stdout: '', stderr: '' };
  const code = await runCli(
    ['workflows', ...args, '--folder', folder],
    { stdout: { write: (text) => (printed.stdout += text) }, stderr: { write: (text) => (printed.stderr += text) } },
    [registerWorkflows],
  );
  return { code, ...printed };
}

/** The claims definition with one change, for as long as `look` takes. */
async function withClaims<Result>(text: string, look: () => Promise<Result>): Promise<Result> {
  writeFileSync(claims, text);
  try {
    return await look();
  } finally {
    writeFileSync(claims, asItStands);
  }
}

test('validate lists the workflows with the hash of the text that would be deployed', async () => {
  const { code, stdout } = await vigil('validate');

  expect(code).toBe(0);
  // `sha256sum` of the customer's file: without a template what is deployed is what stands there.
  expect(stdout).toMatch(/^claims_processing_workflow +5 tasks +4 schedules +66a8d32cf529$/mu);
  expect(stdout).toContain(': 7 workflows, all valid');
});

test('validate shows every problem with its place and ends with 1', async () => {
  const { code, stdout } = await withClaims(asItStands.replace('claims_sftp', 'claims_sfpt'), () => vigil('validate'));

  expect(code).toBe(1);
  expect(stdout).toBe(`${claims}:6:49 tasks[0].source: no source is named claims_sfpt; did you mean claims_sftp?\n1 problem\n`);
});

test('validate --json is one document', async () => {
  const { stdout } = await withClaims(asItStands.replace('type: batch', 'type: bach'), () => vigil('validate', '--json'));

  expect(JSON.parse(stdout)).toMatchObject({
    valid: false,
    problems: [
      { file: 'definitions/claims_processing_workflow.yaml', line: 6, column: 34, message: 'unknown type bach; did you mean batch?' },
    ],
  });
});

test('diff tells what changed by task, and what a moved run keeps', async () => {
  const old = join(folder, '..', 'old.yaml');
  writeFileSync(old, asItStands);
  const changed = asItStands.replace('[0, 50000]', '[0, 60000]').replace('retry_attempts: 2', 'retry_attempts: 4');
  const { code, stdout } = await withClaims(changed, () => vigil('diff', old, claims));

  expect(code).toBe(0);
  expect(stdout.split('\n')).toEqual([
    'error_handling: {"retry_attempts":2,"retry_delay":60000,"fallback_action":"manual_review_queue"} → {"retry_attempts":4,"retry_delay":60000,"fallback_action":"manual_review_queue"}',
    '~ validate_claims',
    expect.stringMatching(/^ {4}rules: .*50000.* → .*60000/u),
    'keep their results: extract_claims',
    '',
  ]);
});

test('diff of the same is no change; of other files it says so', async () => {
  expect((await vigil('diff', claims, claims)).stdout).toBe('no change\n');
  const other = join(folder, 'definitions', 'patient_monitoring_workflow.yaml');
  const { stdout } = await vigil('diff', claims, other);

  expect(stdout).toContain('\n+ ingest_vital_signs\n');
  expect(stdout).toContain('\n- generate_adjudication\nno task keeps its results');
});

test('diff of a file that is not there or not valid ends as a configuration error that names it', async () => {
  const gone = await vigil('diff', join(folder, 'none.yaml'), claims);
  const broken = await withClaims('name: 1\n', () => vigil('diff', claims, claims));

  expect([gone.code, broken.code]).toEqual([78, 78]);
  expect(gone.stderr).toContain('none.yaml cannot be read');
  expect(broken.stderr).toContain('claims_processing_workflow.yaml:1:7 name');
});
