import type { Topic } from '@vigil/contracts';
import { createValueDecoder, offsetsSince, readStretch, schemaIdOf } from '@vigil/kafka';
import type { ExecutorDeps } from '../../executor-deps.ts';

/** Records that are held at once. */
const windowOffsets = 5_000;

/** Gives the values of a topic that came since a moment, partition by partition, without a group; stops with the signal. */
export async function readTopicSince<Value>(
  { client, registry }: Pick<ExecutorDeps, 'client' | 'registry'>,
  { topic, sinceMs, signal }: { readonly topic: Topic<Value>; readonly sinceMs: number; readonly signal: AbortSignal },
  take: (value: Value) => void,
): Promise<void> {
  const { name } = topic;
  const [from, ends] = await Promise.all([offsetsSince(client, name, sinceMs), client.admin.stableOffsets(name)]);
  const decode = createValueDecoder(topic.schema, registry);
  for (const [partition, end] of ends.entries()) {
    for (let start = from[partition] ?? 0; start < end; start += windowOffsets) {
      signal.throwIfAborted();
      const copies: Buffer[] = [];
      await readStretch(
        client,
        { topic: name, partition, from: start, end: Math.min(end, start + windowOffsets) },
        ({ value, timestamp }) => {
          // A copy: the fetched buffer is not kept.
          if (value && timestamp >= sinceMs) copies.push(Buffer.from(value));
        },
      );
      for (const id of new Set(copies.map(schemaIdOf))) if (id !== null) await registry.schemaOf(id);
      for (const bytes of copies) take(decode(bytes) as Value);
    }
  }
}
