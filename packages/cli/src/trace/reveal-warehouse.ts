import { systemClock } from '@vigil/core';
import type { KafkaClient, SchemaRegistry } from '@vigil/kafka';
import { loadKeys } from '@vigil/runtime';
import { stackEnv } from '@vigil/stack';
import { addressOf } from '../connect/addresses.ts';
import { auditAccess } from '../dlq/audit-access.ts';
import type { TraceSources } from './trace-record.ts';
import { openWarehouseRows } from './warehouse-rows.ts';

export interface Revelation {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly reason: string;
  readonly by: string;
}

/** Goes from a reading to its rows under the dataset key, after it was recorded who did so and why: what cannot be recorded is not shown. */
export const revealWarehouse =
  ({ client, registry, reason, by }: Revelation): NonNullable<TraceSources['warehouse']> =>
  async ({ topic, partition, offset }, records) => {
    const { dataset, previousDataset } = loadKeys(process.env['VIGIL_KEYS_FILE'] ?? stackEnv().keysFile);
    const access = { type: 'trace', subtype: 'reveal', action: 'R', by, entityType: 'topic', entity: topic, places: [{ partition, offset }], records: 1, reason } as const; // prettier-ignore
    await auditAccess(access, { client, registry, clock: systemClock });
    const rows = openWarehouseRows(addressOf('warehouseUrl'), previousDataset ? [dataset, previousDataset] : [dataset]);
    try {
      return await rows.stepsOf(records);
    } finally {
      await rows.close();
    }
  };
