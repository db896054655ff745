import { createPool, type Transaction } from '@vigil/postgres';
import type { EmittersOf, Log } from '@vigil/runtime';
import { createApi } from '../../api/create-api.ts';
import type { DefinitionStore } from '../../domain/runs/definition-store.ts';
import type { RunStore } from '../../domain/runs/run-store.ts';
import type { scheduleEvents } from '../../schedule-events.ts';
import { createChangeHub } from './create-change-hub.ts';
import { createHandlers } from './create-handlers.ts';
import { readApiKey, serveApi } from './serve-api.ts';
import { serveConsole } from './serve-console.ts';

/** The share of the settings that the API needs. */
export interface ApiSettings {
  readonly databaseUrl: string;
  readonly apiHost: string;
  readonly apiPort?: number | undefined;
  readonly apiKeyFile?: string | undefined;
  readonly consoleDir?: string | undefined;
}

export interface StartApiOptions {
  readonly settings: ApiSettings;
  readonly runs: RunStore<Transaction>;
  readonly definitions: DefinitionStore;
  readonly nudge: () => void;
  readonly events: EmittersOf<typeof scheduleEvents>;
  readonly log: Pick<Log, 'failure'>;
}

export interface StartedApi {
  /** Null where none is served. */
  readonly port: number | null;
  readonly close: () => Promise<void>;
}

const changesEveryMs = 200;

/** Serves the API of workflows where a port is configured. @throws VigilError PORT_TAKEN, BAD_SETTINGS */
export async function startApi({ settings, runs, definitions, nudge, events, log }: StartApiOptions): Promise<StartedApi> {
  const { databaseUrl: url, apiHost: host, apiPort: port, apiKeyFile } = settings;
  if (port === undefined || apiKeyFile === undefined) return { port: null, close: async () => undefined };
  const apiKey = readApiKey(apiKeyFile);
  const pool = createPool({ url, applicationName: 'orchestrator api', role: 'vigil_orchestrator', maxConnections: 8 });
  const app = createApi({
    apiKey,
    handlers: createHandlers({ pool, runs, definitions, nudge }),
    changes: createChangeHub({ pool, everyMs: changesEveryMs }),
    answered: (operation, status) => events.apiAnswered({ operation, class: `${Math.floor(status / 100)}xx` as '2xx' }),
    failed: (operation, error) => log.failure('the API could not answer a request', error, { part: operation }),
    pages: serveConsole(settings.consoleDir),
  });
  const served = await serveApi(app, { host, port });
  events.apiServed({ port: served.port });
  return {
    port: served.port,
    close: async () => {
      await served.close();
      await pool.end();
    },
  };
}
