import { classifyError, type ErrorCode } from '@vigil/core';
import { createKafkaClient } from '@vigil/kafka';
import { createPool } from '@vigil/postgres';
import { runService } from '@vigil/runtime';
import { createExecutors } from './create-executors.ts';
import { parsePools } from './parse-pools.ts';
import { startWorker } from './start-worker.ts';
import { workerEvents } from './worker-events.ts';
import { workerSettings } from './worker-settings.ts';

/** `orchestrator worker --pool P[,Q]`. @param args  behind `worker`. @throws VigilError BAD_USAGE */
export async function runWorker(args: readonly string[]): Promise<void> {
  const pools = parsePools(args);
  const name = pools.length === 1 ? `orchestrator-worker.${pools[0]}` : 'orchestrator-worker';
  await runService({ name, settings: workerSettings, events: workerEvents }, async (service) => {
    const { settings, keys, client, registry, clock, onClose } = service;
    const database = createPool({ url: settings.databaseUrl, applicationName: name, role: 'vigil_worker' });
    onClose('database', () => database.end());
    const onTrouble = (error: unknown): void => service.events.dependencyAway({ code: classifyError(error).code as ErrorCode });
    const openAuditClient = () => createKafkaClient({ brokers: settings.kafkaBrokers, clientId: 'audit-reporter' });
    const { slotForgotten: onForgottenSlot } = service.events;
    const find = createExecutors({
      client,
      openAuditClient,
      registry,
      database,
      keys,
      clock,
      settings,
      onTrouble,
      onForgottenSlot,
      onClose,
    });
    await startWorker({ ...service, pools, database, find });
  });
}
