import { createFileLedger, feedOfSource, findReadyFiles } from '@vigil/batch';
import { VigilError } from '@vigil/core';
import { loadDefinition, sourcesSchema } from '@vigil/definitions';
import { createReferenceResolver, fileSourceOptions, isFileSource, openFileSource, type FileSourceDefinition } from '@vigil/sources';
import type pg from 'pg';
import type { FileArrivals } from '../../domain/schedules/file-arrivals.ts';

export interface FileArrivalOptions {
  readonly pool: pg.Pool;
  /** `sources.yaml`, read anew by each look. */
  readonly sourcesFile: string;
  /** What addresses and credentials of sources refer to. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Ends a look that is under way. */
  readonly signal: AbortSignal;
}

/** @throws VigilError BAD_DEFINITION where there is no such source, or it holds no files */
function sourceOf(file: string, name: string): FileSourceDefinition {
  const definition = loadDefinition(file, sourcesSchema).sources[name];
  if (definition !== undefined && isFileSource(definition)) return definition;
  throw new VigilError('BAD_DEFINITION', { detail: `There is no source of files ${name} in ${file}.` });
}

/** Files that are whole, as the file ledger knows them; the run that they trigger lists them again and claims them. */
export function createFileArrivals({ pool, sourcesFile, environment, signal }: FileArrivalOptions): FileArrivals {
  const ledger = createFileLedger(pool);
  const resolve = createReferenceResolver(environment);
  return {
    poll: async (name, pattern) => {
      const definition = sourceOf(sourcesFile, name);
      const source = openFileSource(fileSourceOptions(name, definition, resolve));
      try {
        const feed = feedOfSource(name, definition);
        const { ready } = await findReadyFiles(ledger, { source, feed, pattern, pollMs: definition.poll, signal });
        return ready.map(({ record }) => ({ fileId: record.fileId }));
      } finally {
        await source.close();
      }
    },
  };
}
