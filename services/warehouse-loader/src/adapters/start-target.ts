import {
  runSink,
  type EngineObserver,
  type EngineSettings,
  type KafkaClient,
  type SchemaRegistry,
  type SinkLimits,
  type Stage,
} from '@vigil/kafka';
import { createLatestVitalsCache, createPool } from '@vigil/postgres';
import type { OnClose, runService } from '@vigil/runtime';
import type { Pool } from 'pg';
import { archiveTarget, lakeTarget, operationalTarget, warehouseTarget } from '../config.ts';
import type { TargetName } from '../domain/parse-target.ts';
import { events } from '../events.ts';
import { createArchiveSink } from './archive/create-archive-sink.ts';
import { connectRedis } from './connect-redis.ts';
import { createLakeSink } from './lake/create-lake-sink.ts';
import { createCacheWriter } from './operational/cache-writer.ts';
import { createOperationalSink } from './operational/create-operational-sink.ts';
import type { RunnableSink } from '../runnable-sink.ts';
import { createWarehouseSink } from './warehouse/create-warehouse-sink.ts';

/** What every target needs of its process. */
interface Service {
  readonly client: KafkaClient;
  readonly registry: SchemaRegistry;
  readonly observer: EngineObserver;
  readonly engine: Partial<EngineSettings>;
  readonly supervise: (name: string, stage: Stage) => void;
  readonly onClose: OnClose;
}

const nameOf = (target: TargetName): `warehouse-loader.${TargetName}` => `warehouse-loader.${target}`;

function openPool(url: string, target: TargetName, { onClose }: Service): Pool {
  const pool = createPool({ url, applicationName: nameOf(target), role: `vigil_loader_${target}` });
  onClose('database', () => pool.end());
  return pool;
}

async function runStage({ client, registry, observer, engine, supervise }: Service, { spec, target }: RunnableSink): Promise<void> {
  supervise(spec.name, await runSink(spec, { client, registry, target, observer, settings: engine }));
}

interface Rolling {
  readonly rollMs: number;
  readonly rollIdleMs: number;
  readonly rollRecords: number;
  readonly rollBytes: number;
}

const limitsOf = ({ rollMs, rollIdleMs, rollRecords, rollBytes }: Rolling): SinkLimits => ({
  maxRecords: rollRecords,
  maxBytes: rollBytes,
  maxWaitMs: rollMs,
  idleMs: rollIdleMs,
});

/** `runService`, or what stands in for it in a test. */
export type Run = typeof runService;

const starters: Readonly<Record<TargetName, (run: Run) => Promise<void>>> = {
  warehouse: (run) =>
    run({ name: nameOf('warehouse'), settings: warehouseTarget, events }, (service) =>
      runStage(service, createWarehouseSink(openPool(service.settings.warehouseUrl, 'warehouse', service))),
    ),
  operational: (run) =>
    run({ name: nameOf('operational'), settings: operationalTarget, events }, async (service) => {
      const { settings, keys, onClose } = service;
      const pool = openPool(settings.databaseUrl, 'operational', service);
      const redis = settings.redisUrl === undefined ? undefined : connectRedis(settings.redisUrl);
      if (redis) onClose('redis', () => redis.disconnect());
      const cache =
        redis && createCacheWriter(createLatestVitalsCache(redis, keys.data), (patients) => service.events.cacheFailed({ patients }));
      await runStage(service, createOperationalSink(pool, cache));
    }),
  lake: (run) =>
    run({ name: nameOf('lake'), settings: lakeTarget, events }, (service) => {
      const { warehouseUrl, lakeDir, datasetVersion } = service.settings;
      const pool = openPool(warehouseUrl, 'lake', service);
      return runStage(service, createLakeSink({ pool, directory: lakeDir, datasetVersion, limits: limitsOf(service.settings) }));
    }),
  archive: (run) =>
    run({ name: nameOf('archive'), settings: archiveTarget, events }, (service) => {
      const { databaseUrl, archiveDir } = service.settings;
      const pool = openPool(databaseUrl, 'archive', service);
      const limits = limitsOf(service.settings);
      return runStage(service, createArchiveSink({ pool, directory: archiveDir, key: service.keys.data, limits }));
    }),
};

/** Runs one target until a signal or a failure ends it. It reads the settings of that target only. */
export const startTarget = (target: TargetName, run: Run): Promise<void> => starters[target](run);
