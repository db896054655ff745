import { createFileDesk, type FileDesk, type FileRecord } from '@vigil/batch';
import { systemClock } from '@vigil/core';
import { createPool } from '@vigil/postgres';
import { addressOf } from '../connect/addresses.ts';
import { openRegistry } from '../connect/open-registry.ts';
import { withKafka } from '../connect/with-kafka.ts';
import { auditAccess, type Access } from '../dlq/audit-access.ts';

/** Work with the file ledger. */
export async function withFiles<Result>(work: (desk: FileDesk) => Promise<Result>): Promise<Result> {
  const pool = createPool({ url: addressOf('databaseUrl'), applicationName: 'vigil-cli', maxConnections: 2 });
  try {
    return await work(createFileDesk(pool));
  } finally {
    await pool.end();
  }
}

/** Who does what with one file, and why. */
export type FileAccess = Pick<Access, 'subtype' | 'action' | 'by' | 'reason'>;

/** Work with one file that is recorded before it takes effect. */
export const withAuditedFile = (fileId: string, access: FileAccess, work: (desk: FileDesk) => Promise<FileRecord>): Promise<FileRecord> =>
  withFiles(async (desk) => {
    await desk.show(fileId);
    const told: Access = { ...access, type: 'files', entityType: 'file', entity: fileId, records: 1 };
    await withKafka((client) => auditAccess(told, { client, registry: openRegistry(), clock: systemClock }));
    return work(desk);
  });
