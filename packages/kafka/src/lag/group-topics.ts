import { retryTopicOf, topics, type Group, type Topic } from '@vigil/contracts';

/** A topic that a group reads, by the catalogue. */
export interface GroupTopic {
  readonly group: Group;
  readonly topic: string;
}

const catalogue: readonly Topic[] = Object.values(topics);

/** What every group of the fleet reads: its topics and the way back from their quarantines. */
export const groupTopics = (): GroupTopic[] =>
  catalogue.flatMap(({ name, readers }) =>
    readers.flatMap((group) => [
      { group, topic: name },
      { group, topic: retryTopicOf(name, group) },
    ]),
  );
