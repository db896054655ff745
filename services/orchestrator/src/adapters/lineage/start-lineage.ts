import { readFile } from 'node:fs/promises';
import { topics, type RunEmitted } from '@vigil/contracts';
import type { EmittersOf, OnClose } from '@vigil/runtime';
import type { RunEvent } from '../../domain/lineage/run-event.ts';
import { createTellLineage } from '../../domain/lineage/tell-lineage.ts';
import type { OutboxMessage, RunHooks } from '../../domain/runs/run-hooks.ts';
import type { lineageEvents } from '../../lineage-events.ts';
import { createLineagePoster } from './create-lineage-poster.ts';

export interface LineageOptions {
  readonly settings: {
    readonly kafkaBrokers: readonly string[];
    readonly databaseUrl: string;
    readonly lineageNamespace: string;
    readonly openLineageUrl?: string | undefined;
    readonly openLineageKeyFile?: string | undefined;
  };
  readonly events: EmittersOf<typeof lineageEvents>;
  readonly onClose: OnClose;
}

export interface Lineage {
  /** Hook of the run store. */
  readonly tell: NonNullable<RunHooks['tell']>;
  /** For the publisher: what is on its topic goes to the server, too. */
  readonly onPublished: (messages: readonly OutboxMessage[]) => void;
}

const maxWaiting = 1000;
const requestTimeoutMs = 5_000;
const drainMs = 2_000;

/** Lineage of runs: to its topic in the transaction of each step, and from there to an OpenLineage server where one is set. */
export async function startLineage({ settings, events, onClose }: LineageOptions): Promise<Lineage> {
  const { kafkaBrokers, databaseUrl, lineageNamespace, openLineageUrl, openLineageKeyFile } = settings;
  const tell = createTellLineage({
    jobs: lineageNamespace,
    kafka: `kafka://${kafkaBrokers[0] ?? ''}`,
    postgres: `postgres://${new URL(databaseUrl).host}`,
  });
  if (openLineageUrl === undefined) return { tell, onPublished: () => undefined };
  const poster = createLineagePoster({
    url: openLineageUrl,
    apiKey: openLineageKeyFile === undefined ? null : (await readFile(openLineageKeyFile, 'utf8')).trim(),
    maxWaiting,
    timeoutMs: requestTimeoutMs,
    onLost: (count) => events.lineageLost({ count }),
  });
  onClose('lineage', () => poster.drain({ withinMs: drainMs }));
  return {
    tell,
    onPublished(messages) {
      for (const { topic, value } of messages)
        if (topic === topics.lineageRunEmitted.name) poster.post(JSON.parse((value as RunEmitted).event) as RunEvent);
    },
  };
}
