import { systemClock } from '@vigil/core';
import type { CliIo } from '../cli-io.ts';
import { parseExport, type ExportFlags } from '../claims/export-request.ts';
import { defineCommand, type RegisterCommand } from '../define-command.ts';
import { operatorOf } from '../dlq/operator.ts';
import { claimsCommand } from './claims-command.ts';

async function exportClaims(io: CliIo, flags: ExportFlags): Promise<void> {
  const request = parseExport(flags, systemClock.now());
  const { runExport } = await import('../claims/run-export.ts');
  await runExport(io, request);
}

async function explain(io: CliIo, claimId: string, flags: { readonly as?: string }): Promise<void> {
  const { explainClaim } = await import('@vigil/claim-formats');
  const { withDecisions } = await import('../claims/with-decisions.ts');
  const { decisionsAboutClaim, decisionsAt } = await import('../claims/read-decisions.ts');
  const { auditClaims } = await import('../claims/audit-claims.ts');
  const by = operatorOf(flags.as);
  const decisions = await withDecisions('vigil_claims_reader', async (pool) => {
    const places = await decisionsAboutClaim(pool, claimId);
    await auditClaims('explain', places.length, { by, reason: 'explain by claim' });
    return Array.fromAsync(decisionsAt(pool, places));
  });
  io.result({ decisions }, () => (decisions.length > 0 ? explainClaim(decisions) : 'nothing was decided about a claim of that id'));
  if (decisions.length === 0) io.exitWith(1);
}

/** `vigil claims export` and `vigil claims explain`: what was decided, for machines and for people. */
export const registerClaimsExport: RegisterCommand = (program, io) => {
  const claims = claimsCommand(program);

  defineCommand(claims, {
    name: 'export',
    summary: 'decisions as JSON, as 835 remittances of a cycle, or as FHIR ExplanationOfBenefit; tokens in place of names',
    examples: [
      'vigil claims export --format json --since 24h --payer PAYER_A',
      'vigil claims export --format 835 --cycle 2024-03-20 --out remittances',
      'vigil claims export --format fhir --claim CLM_789012',
      'vigil claims export --format 835 --cycle 2024-03-20 --out remittances --reveal --reason "payment run, ticket 4711"',
    ],
  })
    .option('--format <format>', 'json, 835 or fhir', 'json')
    .option('--since <time>', 'json, fhir: decided at or after this time (2026-01-31T10:00:00Z, 90m)')
    .option('--until <time>', 'json, fhir: decided before this time')
    .option('--payer <id>', 'only this payer')
    .option('--claim <id>', 'json, fhir: only submissions under this claim id')
    .option('--batch <id>', 'json, fhir: only what came with this file or request (vigil-batch-id)')
    .option('--cycle <name>', '835: the cycle of payment; closed now where it is not yet; without it today’s date in UTC')
    .option('--payers <file>', '835: names and addresses of payers, JSON: {"PAYER_A":{"name","street","city","state","zip","phone"}}')
    .option('--test', '835: mark the interchange as a test')
    .option('--bundle', 'fhir: one Bundle instead of a resource a line')
    .option('--out <path>', 'write there instead of to standard output: a file; of 835 a directory, a file per payer')
    .option('--reveal', '835, fhir: patients by name instead of tokens; recorded with its reason')
    .option('--reason <text>', 'why; recorded before anything is looked up')
    .option('--as <name>', 'who exports; without it VIGIL_OPERATOR, or the account of the operating system')
    .action((flags: ExportFlags) => exportClaims(io, flags));

  defineCommand(claims, {
    name: 'explain <claim>',
    summary:
      'everything that was decided about a claim, line by line: rules, rows of tables with their versions, money; 1 when nothing was',
    examples: ['vigil claims explain CLM_789012', 'vigil claims explain CLM_789012 --json'],
  })
    .option('--as <name>', 'who asks; without it VIGIL_OPERATOR, or the account of the operating system')
    .action((claimId: string, flags: { readonly as?: string }) => explain(io, claimId, flags));
};
