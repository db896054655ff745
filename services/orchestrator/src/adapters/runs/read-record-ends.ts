import { topics, type Topic } from '@vigil/contracts';
import type { AdminClient } from '@vigil/kafka';

const followers: ReadonlySet<string> = new Set(topics.parametersChanged.tableReaders);

/** What is read by the stages that follow the parameters of definitions. */
const followed = Object.values<Topic>(topics).filter(({ readers }) => readers.some((reader) => followers.has(reader)));

/** Ends of the record topics whose stages follow the parameters of definitions, by `topic-partition`. */
export const createReadEnds = (admin: AdminClient) => async (): Promise<Readonly<Record<string, number>>> => {
  const known = await admin.describeTopics(followed.map(({ name }) => name));
  const ends = await Promise.all(
    known.map(async ({ name }) => (await admin.stableOffsets(name)).map((offset, part) => [`${name}-${part}`, offset] as const)),
  );
  return Object.fromEntries(ends.flat());
};
