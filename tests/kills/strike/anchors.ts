/** Names and beginnings of the statements by which places are known; a test holds them against the sources. */
export const anchors = {
  /** Name: writes all that steps of runs change; its first value holds the inputs. */
  steps: 'write-steps',
  /** Name: gives queued parts to workers, and tells the messages that it wrote. */
  handOut: 'hand-out',
  /** Name: the relay takes messages that another process left. */
  claim: 'claim',
  /** Name: what Kafka has acknowledged leaves the outbox; its first value holds the ids. */
  forget: 'forget',
  /** Text: a schedule is decided about. */
  fire: 'INSERT INTO orchestration.fire',
  /** Text: what a task made is kept. */
  kept: 'INSERT INTO orchestration.payload',
} as const;
