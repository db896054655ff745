import { storeCatalogue, topics } from '@vigil/contracts';
import { createMemoryRegistry, type MemoryRegistry } from '@vigil/kafka';

/** A registry that gives the same schema the same id in every process. */
export function registryOfThisVersion(): MemoryRegistry {
  const registry = createMemoryRegistry();
  for (const { schema } of [...Object.values(topics), ...storeCatalogue]) registry.register(schema);
  return registry;
}
