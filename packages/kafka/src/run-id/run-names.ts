import { allTopics, topics, type Topic, type TopicSpec } from '@vigil/contracts';

const catalogue: readonly Topic[] = Object.values(topics);

/** A group, topic or transactional id of a run that stands beside the live one. */
export const runNameOf = (name: string, runId: string): string => `${name}.${runId}`;

/** Topics that a run reads as the live stage does; everything else it touches is its own. */
export const liveTopicsOf = (stage: string): ReadonlySet<string> =>
  new Set(
    catalogue
      .filter(({ readers, tableReaders }) => [...readers, ...tableReaders].some((reader) => reader === stage))
      .map(({ name }) => name),
  );

const isTouchedBy = (stage: string, { kind, topic, group }: TopicSpec): boolean =>
  kind === 'record' ? topic?.writers.some((writer) => writer === stage || writer === 'every-stage') === true : group === stage;

/** What a run writes and keeps state in, under its own names: outputs, changelogs, quarantine, ways back, ledger. */
export const runTopicsOf = (stage: string, runId: string, chainPartitions: number, replicationFactor: number): readonly TopicSpec[] =>
  allTopics({ chainPartitions, replicationFactor })
    .filter((spec) => isTouchedBy(stage, spec))
    .map((spec) => ({ ...spec, name: runNameOf(spec.name, runId) }));
