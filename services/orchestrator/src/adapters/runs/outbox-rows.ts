import type { Transaction } from '@vigil/postgres';
import type { OutboxMessage } from '../../domain/runs/run-hooks.ts';

/** A message that this process may publish at once: nobody else looks at it until its claim ends. */
export interface ClaimedMessage extends OutboxMessage {
  readonly id: number;
}

/**
 * A message whose key has an older one on its way is left to the relay, which keeps the order of a key: another process
 * may be publishing the older one.
 */
const insertSql = `
  INSERT INTO orchestration.outbox (topic, key, value, claimed_until)
  SELECT m.topic, m.key, m.value,
    CASE WHEN NOT EXISTS (SELECT FROM orchestration.outbox o WHERE o.topic = m.topic AND o.key = m.key)
    THEN clock_timestamp() + $2 * interval '1 millisecond' END
  FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS e (message, place),
    LATERAL (SELECT e.message->>'topic' AS topic, e.message->>'key' AS key, e.message->'value' AS value) m
  ORDER BY e.place
  RETURNING id, topic, key, value, claimed_until IS NOT NULL AS "isOurs"`;

/** Puts messages into the outbox, in order; returns those that may be published right after the commit. */
export async function putOut(
  transaction: Transaction,
  messages: readonly OutboxMessage[],
  claimMs: number,
): Promise<readonly ClaimedMessage[]> {
  if (messages.length === 0) return [];
  const { rows } = await transaction.query<ClaimedMessage & { isOurs: boolean }>({
    name: 'put-out',
    text: insertSql,
    values: [JSON.stringify(messages), claimMs],
  });
  return rows.filter(({ isOurs }) => isOurs);
}
