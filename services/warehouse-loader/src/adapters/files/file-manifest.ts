import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { VigilError } from '@vigil/core';
import type { SinkSlice } from '@vigil/kafka';
import { inTransaction, type AcquiredPartition, type Transaction } from '@vigil/postgres';
import type { Pool } from 'pg';
import { removeFile } from './remove-file.ts';

/** A table of files. Names are constants of the code. */
export interface ManifestTable {
  readonly table: string;
  readonly idColumn: string;
  /** Column with the topic that the records were read from. */
  readonly topicColumn: string;
}

export interface ManifestOptions {
  readonly pool: Pool;
  readonly sink: string;
  readonly directory: string;
  readonly manifest: ManifestTable;
}

/** A name that may be written, known before the file exists. */
export interface RegisteredFile {
  readonly id: string;
  /** Relative to the directory. */
  readonly path: string;
}

/** Values of further columns, by name. */
export type ManifestColumns = Readonly<Record<string, string | number>>;

/**
 * Files that exist because a table says so. A name is registered first, then the file is written whole, then it enters
 * the manifest in the transaction that moves the position. What was registered and never entered is removed by the next
 * owner of the partition; a file that no row names is never made.
 */
export interface FileManifest {
  /** @throws VigilError FENCED where the partition was taken over: no file may be made */
  register(slice: SinkSlice, pathOf: (id: string) => string, columns: ManifestColumns): Promise<RegisteredFile>;
  enter(transaction: Transaction, file: RegisteredFile, columns: ManifestColumns): Promise<void>;
  /** Removes what predecessors registered and never entered. */
  removeLeftovers(transaction: Transaction, partitions: readonly AcquiredPartition[]): Promise<void>;
}

export function createFileManifest({ pool, sink, directory, manifest }: ManifestOptions): FileManifest {
  const { table, idColumn, topicColumn } = manifest;
  return {
    async register({ topic, partition, epoch }, pathOf, columns) {
      const id = randomUUID();
      const path = pathOf(id);
      const row = { [idColumn]: id, path, [topicColumn]: topic, part: partition, epoch, ...columns };
      const names = Object.keys(row);
      await inTransaction(pool, async (transaction) => {
        const { rowCount } = await transaction.query(
          `INSERT INTO ${table} (${names.join(', ')}) SELECT ${names.map((_, index) => `$${index + 1}`).join(', ')}
           WHERE EXISTS (SELECT FROM engine.sink_offset WHERE sink = $${names.length + 1} AND topic = $${names.indexOf(topicColumn) + 1}
             AND part = $${names.indexOf('part') + 1} AND epoch = $${names.indexOf('epoch') + 1})`,
          [...Object.values(row), sink],
        );
        if (rowCount !== 1) throw new VigilError('FENCED', { detail: `Sink ${sink}, ${topic}-${partition}.` });
      });
      return { id, path };
    },
    async enter(transaction, { id, path }, columns) {
      const names = Object.keys(columns);
      const { rowCount } = await transaction.query(
        `UPDATE ${table} SET entered_at = now(), ${names.map((name, index) => `${name} = $${index + 2}`).join(', ')}
         WHERE ${idColumn} = $1 AND entered_at IS NULL`,
        [id, ...Object.values(columns)],
      );
      if (rowCount !== 1) throw new VigilError('FENCED', { detail: `${path} is no longer registered.` });
    },
    async removeLeftovers(transaction, partitions) {
      for (const { topic, partition, epoch } of partitions) {
        const place = [topic, partition, epoch];
        const condition = `${topicColumn} = $1 AND part = $2 AND epoch < $3 AND entered_at IS NULL`;
        const { rows } = await transaction.query<{ path: string }>(`SELECT path FROM ${table} WHERE ${condition} FOR UPDATE`, place);
        for (const { path } of rows) await removeFile(join(directory, path));
        await transaction.query(`DELETE FROM ${table} WHERE ${condition}`, place);
      }
    },
  };
}
