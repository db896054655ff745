import { allTopics, storeCatalogue, type TopicSpec } from '../all-topics.ts';
import { changelogTopicOf } from '../topic-names.ts';
import { topics } from '../topics.ts';
import type { Topic } from '../topic.ts';
import { code, generatedNote, table } from './markdown.ts';

const list = (names: readonly string[]): string => names.map(code).join(', ') || '–';
const schemaNameOf = ({ schema }: { schema: Topic['schema'] }): string => String(schema['name']);

function keepingOf({ cleanup, retentionMs }: Topic): string {
  return cleanup === 'compact' ? 'compacted: the last of each key' : `${retentionMs / 86_400_000} days`;
}

const readersOf = ({ readers, tableReaders }: Topic): string =>
  tableReaders.length === 0 ? list(readers) : [...(readers.length > 0 ? [list(readers)] : []), `${list(tableReaders)} (whole)`].join(', ');

const recordRow = (topic: Topic): string[] => [
  code(topic.name),
  topic.key,
  `[${schemaNameOf(topic)}](schemas.md#${schemaNameOf(topic).toLowerCase()})${topic.format === 'json-or-avro' ? ', JSON or Avro' : ''}`,
  keepingOf(topic),
  topic.phi ? 'yes' : 'no',
  list(topic.writers),
  readersOf(topic),
];

const derivedRow = ({ name, group, kind, config }: TopicSpec): string[] => [
  code(name),
  kind,
  code(String(group)),
  config['cleanup.policy'] === 'compact' ? 'compacted' : `${Number(config['retention.ms']) / 86_400_000} days`,
];

/** `docs/reference/topics.md`: the topic catalogue as tables. */
export function topicsReference(): string {
  const catalogue: readonly Topic[] = Object.values(topics);
  const derived = allTopics({ chainPartitions: 1, replicationFactor: 1 }).filter(({ kind }) => kind === 'dlq' || kind === 'retry');
  return `${generatedNote}
# Topics

Record topics share one partition count (4 in the local stack, 12 or more in production), fixed when they are created.
Topics that others write (\`*.received.*\`) carry the broker's clock as record timestamp and take messages up to 4 MB;
all others carry the time of ingestion. PHI = the values hold protected health information. Whole = every instance reads all of it as a table, without a position.

${table(['Topic', 'Key', 'Value', 'Kept', 'PHI', 'Written by', 'Read by'], catalogue.map(recordRow))}

## Quarantine and the way back

Each reading group has a dead-letter topic and a retry topic per topic it reads. Both hold the record's own bytes; the
headers \`vigil-origin-*\` tell where it came from and \`vigil-error-code\` why it is here ([errors](errors.md)).

${table(['Topic', 'Kind', 'Group', 'Kept'], derived.map(derivedRow))}

## Changelogs

State of a stage, restored by the next owner of the partition. Compacted; nobody else reads them.

${table(
  ['Topic', 'Value'],
  storeCatalogue.map((store) => [code(changelogTopicOf(store.group, store.store)), schemaNameOf(store)]),
)}
`;
}
