/** Names of the topics that follow from a record topic, a group or a store. */

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Quarantine of one topic in one group. */
export const dlqTopicOf = (topic: string, group: string): string => `${topic}.${group}.dlq`;

/** The way back from quarantine: read by that group only, as one more source of the same task. */
export const retryTopicOf = (topic: string, group: string): string => `${topic}.${group}.retry`;

/** Changelog of a store, named as in the topology (`alarmStates`) or in its schema's file (`alarm-states`). */
export const changelogTopicOf = (group: string, store: string): string => `${group}.${kebab(store)}.changelog`;

/** The form of a topic with shifted dates: not Safe Harbor, never among `deid.*`. */
export const shiftedTopicOf = (topic: string): string => `shifted.${topic}`;

/** The de-identified form of a topic. */
export const deidTopicOf = (topic: string): string => `deid.${topic}`;
