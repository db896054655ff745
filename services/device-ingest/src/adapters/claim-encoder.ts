import { topics, type ClaimReceived } from '@vigil/contracts';
import { createValueEncoder, valueSubjectOf, type SchemaRegistry, type ValueEncoder } from '@vigil/kafka';

/** Encodes claims for their topic; the registry is asked with the first, and again after it failed. */
export function createClaimEncoder(registry: SchemaRegistry): (received: ClaimReceived) => Promise<Buffer> {
  const { name, schema } = topics.claimReceived;
  let opening: Promise<ValueEncoder> | null = null;
  const open = async (): Promise<ValueEncoder> => createValueEncoder(schema, await registry.idOf(valueSubjectOf(name), schema));
  return async (received) => {
    opening ??= open();
    try {
      return (await opening)(received);
    } catch (error) {
      opening = null;
      throw error;
    }
  };
}
