import { setTimeout as sleep } from 'node:timers/promises';
import { classifyError, isVigilError, type Clock } from '@vigil/core';
import { haltStage, readHalts, type HaltWorld, type KafkaClient } from '@vigil/kafka';
import type { Health } from '../http/create-health.ts';
import type { Log } from '../telemetry/create-log.ts';

export interface Holding {
  readonly service: string;
  readonly clock: Clock;
  readonly health: Pick<Health, 'watch'>;
  readonly log: Pick<Log, 'info' | 'warn' | 'failure'>;
  /** Time between two looks at whether a halted stage was resumed. */
  readonly askEveryMs?: number;
  /** Lets time pass; where it is not that of the system. */
  readonly wait?: (ms: number) => Promise<void>;
}

export interface HeldConnection {
  /** Joins no group that is halted: it waits, not ready but alive, until somebody resumes it. */
  readonly client: KafkaClient;
  /** Where a stage ended by its quarantine limits: remembers that beyond this process, so that no restart goes on draining. */
  readonly onStageFailed: (stage: string, error: unknown) => Promise<void>;
}

/** A halt that cannot be recorded must not keep a failed service from ending. */
const recordWithinMs = 10_000;
/** Does not keep a process that has nothing else to do. */
const waitIdly = (ms: number): Promise<void> => sleep(ms, undefined, { ref: false });

export function holdHalted(
  world: HaltWorld,
  { service, clock, health, log, askEveryMs = 2_000, wait = waitIdly }: Holding,
): HeldConnection {
  const { client } = world;
  const held = new Set<string>();

  const untilResumed = async (group: string): Promise<void> => {
    for (;;) {
      const halt = (await readHalts(world)).get(group);
      if (!halt) break;
      if (!held.has(group)) {
        held.add(group);
        health.watch(`${group} limits`, () =>
          held.has(group) ? { live: true, ready: false, reason: 'halted' } : { live: true, ready: true },
        );
        log.warn('the stage is halted until it is resumed: vigil resume', { stage: group, code: halt.code });
      }
      await wait(askEveryMs);
    }
    if (held.delete(group)) log.info('the stage was resumed', { stage: group });
  };

  const record = async (stage: string): Promise<void> => {
    try {
      await haltStage(world, { stage, code: 'QUARANTINE_LIMIT', by: service, nowMs: clock.now() });
    } catch (error) {
      log.failure('the halt could not be recorded: a restart goes on', error, { stage, code: classifyError(error).code });
    }
  };

  return {
    client: {
      ...client,
      join: async (options) => {
        await untilResumed(options.group);
        return client.join(options);
      },
    },
    async onStageFailed(stage, error) {
      if (!isVigilError(error) || error.code !== 'QUARANTINE_LIMIT') return;
      await Promise.race([record(stage), wait(recordWithinMs)]);
    },
  };
}
