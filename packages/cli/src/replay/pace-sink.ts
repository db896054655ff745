import type { KafkaClient, QuotaAdmin } from '@vigil/kafka';
import type { ReplayPart } from '@vigil/postgres';

/** How fast the running loader of a sink may read while a replay loads again. */
export interface SinkPace {
  /** Sets the pace for a live lag of that many seconds; asks the broker only when it changes. */
  keep(lagSeconds: number): Promise<void>;
  lift(): Promise<void>;
}

export interface PaceOptions {
  readonly quotas: Pick<QuotaAdmin, 'alter'>;
  /** Of the loader: its name. */
  readonly clientId: string;
  readonly bytesPerSecond: number;
  /** Live stages may be this far behind before the loader is held back. */
  readonly yieldSeconds: number;
}

const key = 'consumer_byte_rate';

/** What is left of the pace while live stages are behind: the broker knows no standstill. */
const yielding = 1 / 20;
/** Below it one fetched batch, a megabyte at most, would be throttled for about as long as its client waits for an answer. */
export const leastBytesPerSecond = 262_144;

/** Takes the bound from a loader; where there is none nothing happens. */
export const liftPace = (quotas: Pick<QuotaAdmin, 'alter'>, clientId: string): Promise<void> =>
  quotas.alter([{ clientId, key, value: null }]);

/**
 * A pace by the broker's quota on what the loader reads: the loader itself knows of no replay. It stays at the broker until
 * it is lifted, also when the command is killed: `run` and `abandon` lift it.
 */
export function createSinkPace({ quotas, clientId, bytesPerSecond, yieldSeconds }: PaceOptions): SinkPace {
  let known: number | null = null;
  const set = async (wanted: number): Promise<void> => {
    const value = Math.max(leastBytesPerSecond, Math.round(wanted));
    if (value === known) return;
    await quotas.alter([{ clientId, key, value }]);
    known = value;
  };
  return {
    keep: (lagSeconds) => set(lagSeconds > yieldSeconds ? bytesPerSecond * yielding : bytesPerSecond),
    async lift() {
      await liftPace(quotas, clientId);
      known = null;
    },
  };
}

/** What a batch adds to a record, roughly: lengths, offset, time. */
const overheadBytes = 12;
const pollMs = 200;

/** Bytes of a record at the beginning of a part, on average, as the topic holds them uncompressed. */
export async function bytesPerRecord(client: KafkaClient, { topic, partition, fromOffset, untilOffset }: ReplayPart): Promise<number> {
  const fetcher = await client.openFetcher();
  try {
    fetcher.assign({ topic, partition }, fromOffset);
    for (let position = fromOffset; position < untilOffset;) {
      for (const { records, nextOffset } of await fetcher.poll(pollMs)) {
        const bytes = [...records].reduce(
          (sum, { key: name, value }) => sum + (name?.length ?? 0) + (value?.length ?? 0) + overheadBytes,
          0,
        );
        if (records.length > 0) return bytes / records.length;
        position = nextOffset;
      }
    }
    return overheadBytes;
  } finally {
    await fetcher.close();
  }
}
