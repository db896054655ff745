import { classifyError, steadyClock } from '@vigil/core';
import type { KafkaClient } from '@vigil/kafka';
import type { EmittersOf } from '@vigil/runtime';
import type pg from 'pg';
import { createSilenceTrust } from '../../domain/runs/trust-silence.ts';
import type { RunWork } from '../../loops/runs/start-run-loops.ts';
import type { runEvents } from '../../run-events.ts';
import type { Aftermath } from './aftermath.ts';
import type { Dispatch } from './create-dispatcher.ts';
import type { Publisher } from './create-publisher.ts';
import type { Stepper } from './create-stepper.ts';
import { loseDeadAttempts } from './dead-attempts.ts';
import type { DueOptions } from './due.ts';
import { takeDueInputs } from './due-inputs.ts';
import { forgetRuns, forgetWorkers, pruneInbox, readBacklog } from './keep-house.ts';
import { hasLeased, lookAround } from './look-around.ts';
import { createReadReportReading } from './read-report-reading.ts';

export interface RunWorkOptions {
  readonly pool: pg.Pool;
  readonly client: Pick<KafkaClient, 'admin'>;
  readonly stepper: Stepper;
  readonly dispatch: Dispatch;
  readonly publisher: Publisher;
  readonly claimMs: number;
  readonly leaseMs: number;
  readonly retentionDays: number;
  readonly events: EmittersOf<typeof runEvents>;
  readonly settle: (aftermath: Aftermath) => void;
  readonly onTrouble: (error: unknown) => void;
  /** A run cannot take its inputs. */
  readonly onFault: (error: unknown) => void;
  /** The database was asked and answered. */
  readonly onObserved: () => void;
}

const atOnce = 500;
const forgottenAtOnce = 200;
const prunedAtOnce = 5000;

/** What the loops of runs do, with what is told of it. */
export function createRunWork(options: RunWorkOptions): RunWork {
  const { pool, client, stepper, dispatch, publisher, claimMs, leaseMs, events, settle, onTrouble } = options;
  const due: DueOptions = {
    pool,
    stepper,
    claimMs,
    atOnce,
    onPostponed: (_runId, error) => {
      events.runPostponed({ code: classifyError(error).code as 'ROW_REFUSED' });
      options.onFault(error);
    },
  };
  const mayLose = createSilenceTrust(leaseMs / 3);
  const readReading = createReadReportReading(client.admin, pool);
  const isSilenceTrusted = async (): Promise<boolean> => {
    const nowMs = steadyClock.now();
    // Where nobody has anything to be silent about the reading is not watched; it is again long before a lease can end.
    if (!(await hasLeased(pool))) return mayLose(null, nowMs);
    const reading = await readReading().catch((error: unknown) => {
      mayLose(null, nowMs);
      throw error;
    });
    return mayLose(reading, nowMs);
  };
  return {
    look: () => lookAround(pool),
    async dispatch(name) {
      const startedMs = steadyClock.now();
      const { messages, queuedMs, next } = await dispatch(name);
      publisher.publish(messages).catch(onTrouble);
      if (queuedMs.length > 0)
        events.poolDispatched({ pool: name, count: queuedMs.length, durationMs: Math.max(0, steadyClock.now() - startedMs) });
      for (const ms of queuedMs) events.taskDispatched({ pool: name, queuedMs: Math.max(0, ms) });
      return next;
    },
    async takeDue() {
      const taken = await takeDueInputs(due);
      settle(taken);
      return taken.next;
    },
    async loseDead() {
      if (!(await isSilenceTrusted())) return 'rest';
      const { lost, next, ...aftermath } = await loseDeadAttempts(due);
      settle(aftermath);
      if (lost > 0) events.leasesLost({ count: lost });
      return next;
    },
    async relay() {
      const count = await publisher.relay();
      if (count > 0) events.messagesRelayed({ count });
    },
    async observe() {
      const { pools, ...totals } = await readBacklog(pool);
      for (const one of pools) events.poolObserved(one);
      events.runsObserved(totals);
      options.onObserved();
    },
    async prune() {
      await forgetWorkers(pool);
      const inbox = await pruneInbox(pool, prunedAtOnce);
      const runs = await forgetRuns(pool, options.retentionDays, forgottenAtOnce);
      return inbox.next === 'again' || runs >= forgottenAtOnce ? 'again' : 'rest';
    },
  };
}
