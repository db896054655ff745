import { toDatabaseError, type createPool } from '@vigil/postgres';
import { slotNamesOf, type DatabaseAccess, type TableSourceDefinition } from '@vigil/sources';

/** A replication slot that a task made or used. */
export interface NotedSlot {
  readonly source: string;
  readonly slot: string;
  readonly table: string;
  readonly publication: string;
  /** Of the source's database, as sources.yaml named it then: a source that moved leaves a slot of the same name behind. */
  readonly access: DatabaseAccess;
}

/** Slots by what made them: a source that is no longer declared cannot be asked for its own. */
export interface SlotBook {
  note(slot: NotedSlot): Promise<void>;
  all(): Promise<readonly NotedSlot[]>;
  /** A slot that is gone. */
  forget(slot: Pick<NotedSlot, 'source' | 'slot' | 'access'>): Promise<void>;
}

type CdcDefinition = Extract<TableSourceDefinition, { kind: 'cdc' }>;

const accessOf = ({ address, credential }: DatabaseAccess): DatabaseAccess => ({ address, ...(credential && { credential }) });

/** The slot of one table of a source. */
export const slotOf = (definition: CdcDefinition, { source, table }: Pick<NotedSlot, 'source' | 'table'>): NotedSlot => ({
  source,
  table,
  ...slotNamesOf(definition, table),
  access: accessOf(definition),
});

const noteSql = `
  INSERT INTO orchestration.replication_slot (source, slot, table_name, publication, access) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (source, slot, access) DO UPDATE
  SET table_name = EXCLUDED.table_name, publication = EXCLUDED.publication, opened_at = clock_timestamp()`;
const allSql = 'SELECT source, slot, table_name AS table, publication, access FROM orchestration.replication_slot ORDER BY source, slot';
const forgetSql = 'DELETE FROM orchestration.replication_slot WHERE source = $1 AND slot = $2 AND access = $3';

/** `orchestration.replication_slot`. @throws VigilError DATABASE_AWAY */
export function createSlotBook(pool: Pick<ReturnType<typeof createPool>, 'query'>): SlotBook {
  const query = async <Row extends object>(sql: string, values: unknown[]): Promise<Row[]> => {
    try {
      return (await pool.query<Row>(sql, values)).rows;
    } catch (error) {
      throw toDatabaseError(error);
    }
  };
  return {
    async note({ source, slot, table, publication, access }) {
      await query(noteSql, [source, slot, table, publication, JSON.stringify(access)]);
    },
    all: () => query<NotedSlot>(allSql, []),
    async forget({ source, slot, access }) {
      await query(forgetSql, [source, slot, JSON.stringify(access)]);
    },
  };
}
