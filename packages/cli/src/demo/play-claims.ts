import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CallVigil } from './call-vigil.ts';
import { fillInbox, inboxFiles, type InboxFile } from './claims-inbox.ts';

/** What `vigil send claims` tells under `--json`, as far as the demo reads it. */
interface SentClaims {
  readonly sent: number;
  readonly rejected: number;
}

/** Claims of this run on their way. */
export interface SentInbox {
  /** Batches that its claims went in. */
  readonly batchIds: readonly string[];
  readonly claims: number;
  readonly sent: number;
  /** Claims in interchanges that were refused whole. */
  readonly rejected: number;
}

const referenceDirectory = fileURLToPath(new URL('../../../../infra/reference', import.meta.url));

/** Loads the illustrative reference data; the second time nothing is new. */
export const loadReferenceData = async (call: CallVigil): Promise<void> => void (await call(['reference', 'load', referenceDirectory]));

/** What lies in the inbox of this run: files that a practice puts down on the SFTP server, and interchanges of a clearing house. */
export function inboxOf(
  run: string,
  nowMs: number,
): { readonly dropped: readonly InboxFile[]; readonly interchanges: readonly InboxFile[] } {
  const files = inboxFiles({ run, nowMs });
  const isDropped = ({ name }: InboxFile): boolean => name.endsWith('.json');
  // The name of an earlier run's file with other content would be taken for its revision.
  const named = ({ name, ...file }: InboxFile): InboxFile => ({ ...file, name: name.replace('claims_', `claims_${run}_`) });
  return { dropped: files.filter(isDropped).map(named), interchanges: files.filter((file) => !isDropped(file)) };
}

/** Sends the interchanges as a clearing house would. */
export async function sendInterchanges(call: CallVigil, run: string, files: readonly InboxFile[]): Promise<SentInbox> {
  const inbox = mkdtempSync(join(tmpdir(), 'vigil-inbox-'));
  const batchId = `demo-claims-${run}`;
  try {
    fillInbox(inbox, files);
    const { sent, rejected } = await call<SentClaims>(['send', 'claims', inbox, '--batch-id', batchId, '--ack-dir', join(inbox, 'acks')]);
    return { batchIds: [batchId], claims: files.reduce((sum, { claims }) => sum + claims, 0), sent, rejected };
  } finally {
    rmSync(inbox, { recursive: true, force: true });
  }
}
