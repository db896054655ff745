import { compileReader, createLedgerBook, requireWireId, topics, wireHeaderBytes, type BatchProgressed } from '@vigil/contracts';
import type { KafkaClient } from '@vigil/kafka';

const topic = topics.batchProgressed;

/** The ledger rows of one stage so far, each once however often it was published, in order of commit. */
export async function readLedger(client: KafkaClient, stage: string): Promise<BatchProgressed[]> {
  const read = compileReader<BatchProgressed>(topic.schema, topic.schema);
  const book = createLedgerBook();
  const rows: BatchProgressed[] = [];
  const fetcher = await client.openFetcher();
  try {
    for (const [partition, end] of (await client.admin.stableOffsets(topic.name)).entries()) {
      if (end === 0) continue;
      fetcher.assign({ topic: topic.name, partition }, 0);
      for (let position = 0; position < end;) {
        for (const batch of await fetcher.poll(500)) {
          position = batch.nextOffset;
          for (const { value } of batch.records) {
            if (!value) continue;
            requireWireId(value);
            const row = read(value, wireHeaderBytes);
            if (book.enter(row)) rows.push(row);
          }
        }
      }
      fetcher.unassign({ topic: topic.name, partition });
    }
  } finally {
    await fetcher.close();
  }
  return rows.filter((row) => row.stage === stage).sort((a, b) => a.committedAt - b.committedAt);
}
