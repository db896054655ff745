import { createRegistry, type SchemaRegistry } from '@vigil/kafka';
import { addressOf } from './addresses.ts';

/** The schema registry of the environment or of the local stack. */
export const openRegistry = (): SchemaRegistry => createRegistry({ url: addressOf('schemaRegistryUrl') });
