import type { TaskRequested } from '@vigil/contracts';
import type { FetchedRecords, KafkaClient, TopicPartition } from '@vigil/kafka';
import type { WaitingRequest } from './request-lanes.ts';

export interface Recall {
  readonly place: TopicPartition;
  /** Requests from here on are not read. */
  readonly beforeOffset: number;
  /** First offset that the log still holds. */
  readonly startOffset: number;
  /** Goes back at least to the first request that was published since. */
  readonly sinceMs: number;
}

export interface RecallTools {
  readonly client: Pick<KafkaClient, 'openFetcher'>;
  readonly decode: (records: FetchedRecords) => Promise<readonly WaitingRequest[]>;
  readonly onRequest: (request: TaskRequested) => void;
  readonly pollMs: number;
}

const recordsAtOnce = 1000;

/**
 * Reads what stands before a position, piece by piece backwards. A request may be published twice, minutes apart where the
 * relay died between publishing and deleting, and its first copy may have been started by the worker that had the
 * partition before.
 * @returns the offset from which on everything was read
 */
export async function recallRequests({ place, beforeOffset, startOffset, sinceMs }: Recall, tools: RecallTools): Promise<number> {
  if (beforeOffset <= startOffset) return beforeOffset;
  const fetcher = await tools.client.openFetcher();
  /** @returns when the first of the piece was published; null = nothing stands there */
  const readPiece = async (from: number, to: number): Promise<number | null> => {
    let firstAtMs: number | null = null;
    fetcher.assign(place, from);
    for (let position = from; position < to;) {
      for (const { records, nextOffset } of await fetcher.poll(tools.pollMs)) {
        firstAtMs ??= records.at(0)?.timestamp ?? null;
        for (const { request, nextOffset: behind } of await tools.decode(records)) if (request && behind <= to) tools.onRequest(request);
        position = nextOffset;
      }
    }
    return firstAtMs;
  };
  try {
    for (let to = beforeOffset; ;) {
      const from = Math.max(startOffset, to - recordsAtOnce);
      const firstAtMs = await readPiece(from, to);
      if (from === startOffset || (firstAtMs !== null && firstAtMs < sinceMs)) return from;
      to = from;
    }
  } finally {
    await fetcher.close();
  }
}
