import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CallVigil } from './call-vigil.ts';
import { fillInbox, inboxFiles } from './claims-inbox.ts';

/** What `vigil send claims` tells under `--json`, as far as the demo reads it. */
interface SentClaims {
  readonly sent: number;
  readonly rejected: number;
}

/** Claims of this run on their way. */
export interface SentInbox {
  readonly batchId: string;
  readonly claims: number;
  readonly sent: number;
  /** Claims in interchanges that were refused whole. */
  readonly rejected: number;
}

const referenceDirectory = fileURLToPath(new URL('../../../../infra/reference', import.meta.url));

/** Loads the illustrative reference data; the second time nothing is new. */
export const loadReferenceData = async (call: CallVigil): Promise<void> => void (await call(['reference', 'load', referenceDirectory]));

/** Drops JSON files and interchanges into an inbox and sends it, as a practice and a clearing house would. */
export async function sendInbox(call: CallVigil, run: string, nowMs: number): Promise<SentInbox> {
  const files = inboxFiles({ run, nowMs });
  const inbox = mkdtempSync(join(tmpdir(), 'vigil-inbox-'));
  const batchId = `demo-claims-${run}`;
  try {
    fillInbox(inbox, files);
    const { sent, rejected } = await call<SentClaims>(['send', 'claims', inbox, '--batch-id', batchId, '--ack-dir', join(inbox, 'acks')]);
    return { batchId, claims: files.reduce((sum, { claims }) => sum + claims, 0), sent, rejected };
  } finally {
    rmSync(inbox, { recursive: true, force: true });
  }
}
