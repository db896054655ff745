import { allTopics, dateShiftTopics, type AvroSchema, type ClusterShape, type TopicSpec } from '@vigil/contracts';
import { valueSubjectOf } from '@vigil/kafka';

/** A schema with the name under which the registry keeps it. */
export interface Subject {
  readonly subject: string;
  readonly schema: AvroSchema;
}

const anyShape: ClusterShape = { chainPartitions: 1, replicationFactor: 1 };

const subjectOf = ({ name, schema }: TopicSpec): Subject[] => (schema === null ? [] : [{ subject: valueSubjectOf(name), schema }]);

/** Every subject of the fleet: record topics and changelogs. Quarantine and retry hold other topics' bytes. */
export const fleetSubjects = (): Subject[] => allTopics(anyShape).flatMap(subjectOf);

/** The subjects of the deidentifier's date-shift mode. */
export const dateShiftSubjects = (): Subject[] => dateShiftTopics(anyShape).flatMap(subjectOf);
