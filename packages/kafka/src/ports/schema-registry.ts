import type { AvroSchema } from '@vigil/contracts';

/** Schema ids, both ways. Answers are cached for ever: an id never changes its schema. */
export interface SchemaRegistry {
  /** The id under which `schema` is registered for `subject`. @throws VigilError SCHEMA_NOT_REGISTERED, REGISTRY_AWAY */
  idOf(subject: string, schema: AvroSchema): Promise<number>;
  /** @throws VigilError UNKNOWN_SCHEMA_ID, REGISTRY_AWAY */
  schemaOf(id: number): Promise<AvroSchema>;
  /** The schema of `id` where it was resolved before: for the synchronous hot path. */
  cached(id: number): AvroSchema | undefined;
}

/** TopicNameStrategy. */
export const valueSubjectOf = (topicName: string): string => `${topicName}-value`;
