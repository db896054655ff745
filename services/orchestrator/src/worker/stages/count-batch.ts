import { headerNames, offsetsSince, readStretch, textHeader, type KafkaClient } from '@vigil/kafka';

/**
 * Records of a batch in a topic's log: what was written for it over all attempts, whoever wrote it. Only headers are read.
 *
 * @param sinceMs  nothing of the batch is older; 0 = not known
 */
export async function countBatch(
  client: KafkaClient,
  topic: string,
  batch: { readonly batchId: string; readonly sinceMs: number },
): Promise<number> {
  const [starts, ends] = await Promise.all([
    batch.sinceMs > 0 ? offsetsSince(client, topic, batch.sinceMs) : client.admin.startOffsets(topic),
    client.admin.stableOffsets(topic),
  ]);
  let count = 0;
  for (const [partition, end] of ends.entries()) {
    await readStretch(client, { topic, partition, from: starts[partition] ?? 0, end }, (record) => {
      if (textHeader(record.headers(), headerNames.batchId) === batch.batchId) count++;
    });
  }
  return count;
}
