import type { Transaction } from '@vigil/postgres';
import type pg from 'pg';
import type { Handlers } from '../../api/routes.ts';
import type { DefinitionStore } from '../../domain/runs/definition-store.ts';
import type { RunStore } from '../../domain/runs/run-store.ts';
import { commandBackfills } from './command-backfills.ts';
import { commandRuns } from './command-runs.ts';
import { commandWorkflows } from './command-workflows.ts';
import { readPlaces } from './read-places.ts';
import { readRuns } from './read-runs.ts';
import { readWorkflows } from './read-workflows.ts';

export interface HandlerParts {
  readonly pool: pg.Pool;
  readonly runs: RunStore<Transaction>;
  readonly definitions: DefinitionStore;
  /** Schedules or backfills changed: the scheduler looks at once. */
  readonly nudge: () => void;
}

/** Every operation of the API on PostgreSQL. */
export const createHandlers = (parts: HandlerParts): Handlers => ({
  ...readRuns(parts.pool),
  ...readWorkflows(parts.pool),
  ...readPlaces(parts.pool),
  ...commandRuns(parts),
  ...commandWorkflows(parts),
  ...commandBackfills(parts),
});
