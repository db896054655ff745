/** A process that runs one attempt of a job and is killed: `node job-child.ts JSON`. Says `position` after each commit. */
import { writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@vigil/core';
import { createKafkaClient, createMemoryRegistry } from '@vigil/kafka';
import { namespaced } from '@vigil/testing';
import { openCheckpoints, runTopicJob } from '../src/index.ts';
import { jobOf, mapNumber, numbersFrom, numbersTopic, registerJobSchemas } from './numbered-job.ts';

export interface ChildOrder {
  readonly brokers: readonly string[];
  readonly prefix: string;
  readonly last: number;
  readonly epoch: number;
}

const { brokers, prefix, last, epoch } = JSON.parse(process.argv[2] ?? '') as ChildOrder;
const client = namespaced(createKafkaClient({ brokers, clientId: 'job-child', longPollMs: 50 }), prefix);
const registry = createMemoryRegistry();
await registerJobSchemas(registry);
const checkpoints = openCheckpoints({ client, registry });

/** Slow enough that a kill finds it at work. */
async function* paced(position: string | null) {
  for await (const item of numbersFrom(position, last)) {
    if (item.item % 100 === 0) await sleep(1);
    yield item;
  }
}
const result = await runTopicJob(
  {
    partition: jobOf(last, { epoch, read: paced }),
    map: mapNumber,
    writes: [numbersTopic],
    source: { name: 'numbers', fileId: 'f1' },
    ends: 'for-good',
    skipLimit: null,
    limits: { records: 300 },
    signal: new AbortController().signal,
    onCommitted: ({ position }) => void writeSync(1, `${position}\n`),
  },
  { client, registry, checkpoints, clock: systemClock },
);
writeSync(1, `${JSON.stringify(result)}\n`);
await checkpoints.close();
await client.close();
