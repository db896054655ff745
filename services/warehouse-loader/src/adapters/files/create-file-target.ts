import { join } from 'node:path';
import type { SinkBatch, SinkSlice, SinkTarget, SliceEffects } from '@vigil/kafka';
import { createPostgresTarget } from '@vigil/postgres';
import { createFileManifest, type ManifestColumns, type ManifestOptions, type RegisteredFile } from './file-manifest.ts';
import { writeWholeFile } from './write-whole-file.ts';

/** What a file holds and how the manifest describes it. */
export interface FileContent {
  readonly content: Uint8Array;
  readonly columns: ManifestColumns;
}

export interface FileTargetOptions extends ManifestOptions {
  readonly pathOf: (slice: SinkSlice, id: string) => string;
  /** Columns that are known when the name is registered. */
  readonly registeredColumns: (slice: SinkSlice) => ManifestColumns;
  readonly contentOf: (slice: SinkSlice, file: RegisteredFile) => Promise<FileContent>;
}

interface WrittenSlice {
  readonly file: RegisteredFile;
  readonly columns: ManifestColumns;
}

/** A sink target that makes one file per topic partition and batch; its truth and its positions are in PostgreSQL. */
export function createFileTarget(options: FileTargetOptions): SinkTarget {
  const {
    pool,
    sink,
    directory,
    manifest: { table },
    pathOf,
    registeredColumns,
    contentOf,
  } = options;
  const manifest = createFileManifest(options);

  const writeFile = async (slice: SinkSlice): Promise<WrittenSlice> => {
    const file = await manifest.register(slice, (id) => pathOf(slice, id), registeredColumns(slice));
    const { content, columns } = await contentOf(slice, file);
    const { bytes, sha256 } = await writeWholeFile(join(directory, file.path), content);
    return { file, columns: { ...columns, first_offset: slice.startOffset, next_offset: slice.nextOffset, bytes, sha256 } };
  };

  return createPostgresTarget<ReadonlyMap<SinkSlice, WrittenSlice>>({
    pool,
    sink,
    onAcquired: (transaction, partitions) => manifest.removeLeftovers(transaction, partitions),
    async prepare(batch: SinkBatch) {
      const written = new Map<SinkSlice, WrittenSlice>();
      for (const slice of batch.slices) if (slice.records.length > 0) written.set(slice, await writeFile(slice));
      return written;
    },
    async writeRows(transaction, batch, written) {
      for (const { file, columns } of written.values()) await manifest.enter(transaction, file, columns);
      return batch.slices.map(({ records }): SliceEffects => ({ outputs: { [table]: records.length } }));
    },
  });
}
