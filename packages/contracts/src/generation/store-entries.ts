import type { AvroRecord } from '../schema/avro-types.ts';
import { fileNameOf, type SchemaFile } from './schema-files.ts';

/** A store as its changelog schema's file name tells it. */
export interface StoreEntry {
  readonly group: string;
  readonly store: string;
  readonly schema: AvroRecord;
}

/** Services that keep state in the engine; the store's name is what follows in the file name. */
const statefulServices = ['device-ingest', 'vitals-windowing', 'claims-validator-intake', 'claims-validator-adjudicate'] as const;

function entryOf({ path, schema }: SchemaFile): StoreEntry {
  const [stem = ''] = fileNameOf(path).split('.v');
  const group = statefulServices.find((service) => stem.startsWith(`${service}-`));
  if (!group) throw new Error(`${path}: name it <service>-<store>.v<N>.avsc with a service of ${statefulServices.join(', ')}`);
  return { group, store: stem.slice(group.length + 1), schema };
}

/** The latest version of each store's schema. */
export function storeEntriesOf(files: readonly SchemaFile[]): StoreEntry[] {
  const latest = new Map<string, StoreEntry>();
  for (const file of files.filter(({ path }) => path.startsWith('schemas/state/'))) {
    const entry = entryOf(file);
    latest.set(`${entry.group}.${entry.store}`, entry);
  }
  return [...latest.values()];
}
