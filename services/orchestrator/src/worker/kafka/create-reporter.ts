import { topics, type TaskReported } from '@vigil/contracts';
import { classifyError, VigilError } from '@vigil/core';
import {
  createValueEncoder,
  partitionOf,
  valueSubjectOf,
  type EngineClock,
  type IdempotentProducer,
  type KafkaClient,
  type ProducedRecord,
  type SchemaRegistry,
  type ValueEncoder,
} from '@vigil/kafka';
import type { Reporter } from '../attempts/attempts.ts';

export interface ReporterOptions {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly clock: EngineClock;
  /** Told of each failure that is tried again. */
  readonly onTrouble: (error: unknown) => void;
  /** A failure that no repeat mends. */
  readonly onFatal: (error: unknown) => void;
}

const { name: topic, schema } = topics.taskReported;
const firstDelayMs = 50;
const longestDelayMs = 5000;
const passes: ReadonlySet<string> = new Set(['transient', 'dependency', 'fenced']);

interface Opened {
  readonly producer: IdempotentProducer;
  readonly encode: ValueEncoder;
  readonly partitions: number;
}

/** Publishes reports; what the broker did not acknowledge is sent again, which the message id absorbs. */
export function createReporter({ client, registry, clock, onTrouble, onFatal }: ReporterOptions): Reporter & { close(): Promise<void> } {
  let opening: Promise<Opened> | undefined;
  let isClosed = false;
  const stopped = Promise.withResolvers<void>();

  const open = async (): Promise<Opened> => {
    const [described] = await client.admin.describeTopics([topic]);
    if (!described) throw new VigilError('TOPIC_MISSING', { detail: topic });
    const encode = createValueEncoder(schema, await registry.idOf(valueSubjectOf(topic), schema));
    return { producer: await client.openIdempotentProducer(), encode, partitions: described.partitions };
  };
  /** Two senders that failed together open one producer anew. */
  const forget = (failed: Promise<Opened>): void => {
    if (opening === failed) opening = undefined;
    void failed.then(({ producer }) => producer.close()).catch(() => undefined);
  };
  const recordOf = ({ encode, partitions }: Opened, report: TaskReported): ProducedRecord => {
    const key = Buffer.from(report.kind === 'heartbeat' ? report.worker : report.runId, 'utf8');
    return { topic, partition: partitionOf(key, partitions), key, value: encode(report), headers: [], timestamp: null };
  };
  const wait = (ms: number): Promise<void> => {
    const waited = Promise.withResolvers<void>();
    const cancel = clock.after(ms, () => waited.resolve());
    return Promise.race([waited.promise, stopped.promise]).finally(cancel);
  };
  return {
    async send(reports) {
      for (let delayMs = firstDelayMs; ; delayMs = Math.min(longestDelayMs, delayMs * 2)) {
        if (isClosed) throw new VigilError('FENCED', { detail: 'The reporter is closed.' });
        const current = (opening ??= open());
        try {
          const opened = await current;
          return await opened.producer.send(reports.map((report) => recordOf(opened, report)));
        } catch (error) {
          forget(current);
          if (!passes.has(classifyError(error).kind)) {
            onFatal(error);
            throw error;
          }
          onTrouble(error);
          await wait(delayMs);
        }
      }
    },
    async close() {
      isClosed = true;
      stopped.resolve();
      await opening?.then(({ producer }) => producer.close()).catch(() => undefined);
    },
  };
}
