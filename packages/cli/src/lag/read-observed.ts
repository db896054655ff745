import type { LagObserved } from '@vigil/contracts';
import { openObservedLags, type KafkaClient, type SchemaRegistry } from '@vigil/kafka';

/** Long enough for one answer of the broker. */
const waitMs = 1000;

/** The newest observation of each group, by name; none where nothing was ever published. */
export async function readObserved(client: KafkaClient, registry: SchemaRegistry): Promise<readonly LagObserved[]> {
  const observed = openObservedLags(client, registry);
  try {
    return [...(await observed.read(waitMs)).values()].sort((one, other) => one.group.localeCompare(other.group));
  } finally {
    await observed.close();
  }
}
