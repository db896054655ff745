import { allTopics, type AvroSchema } from '@vigil/contracts';
import { valueSubjectOf } from '@vigil/kafka';

/** A schema with the name under which the registry keeps it. */
export interface Subject {
  readonly subject: string;
  readonly schema: AvroSchema;
}

/** Every subject of the fleet: record topics and changelogs. Quarantine and retry hold other topics' bytes. */
export const fleetSubjects = (): Subject[] =>
  allTopics({ chainPartitions: 1, replicationFactor: 1 }).flatMap(({ name, schema }) =>
    schema === null ? [] : [{ subject: valueSubjectOf(name), schema }],
  );
