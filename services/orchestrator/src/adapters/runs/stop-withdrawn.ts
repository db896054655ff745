import { randomUUID } from 'node:crypto';
import type { TaskRequested } from '@vigil/contracts';
import type { Transaction } from '@vigil/postgres';
import { requestKeyOf } from '../../domain/runs/request-of.ts';
import type { OutboxMessage } from '../../domain/runs/run-hooks.ts';
import { requestTopicOf } from './request-topics.ts';
import type { SortedRun } from './sorted-run.ts';
import { lockParts } from './task-rows.ts';
import type { TimerRow } from './wait-rows.ts';

const stopMessage = (
  pool: string,
  about: Pick<TaskRequested, 'runId' | 'workflow' | 'version' | 'task' | 'part' | 'epoch' | 'batchId'>,
): OutboxMessage => ({
  topic: requestTopicOf(pool),
  key: requestKeyOf(about),
  value: { ...about, kind: 'cancel', messageId: randomUUID() },
});

export interface Stops {
  readonly messages: readonly OutboxMessage[];
  /** Nobody but us can say that what no worker was asked for has stopped. */
  readonly stopped: readonly TimerRow[];
}

const stoppedInput = (runId: string, { task, part, epoch }: { task: string; part: number; epoch: number }, nowMs: number): TimerRow => ({
  runId,
  timer: `stopped/${task}/${part}/${epoch}`,
  atMs: nowMs,
  key: { input: { kind: 'stopped', task, part, epoch } },
});

/** Workers that have what was withdrawn are told to stop; so are those who work on what nobody wants any more. */
export async function stopWithdrawn(transaction: Transaction, runs: readonly SortedRun[], nowMs: number): Promise<Stops> {
  const withdrawn = runs.flatMap(({ row, sorted }) => sorted.withdrawn.map((effect) => ({ runId: row.runId, ...effect })));
  const places = new Map((await lockParts(transaction, withdrawn)).map((place) => [`${requestKeyOf(place)}/${place.epoch}`, place]));
  const messages: OutboxMessage[] = [];
  const stopped: TimerRow[] = [];
  for (const run of runs) {
    const { runId, workflow, version, batchId } = run.row;
    for (const effect of run.sorted.unasked) stopped.push(stoppedInput(runId, effect, nowMs));
    for (const effect of run.sorted.withdrawn) {
      const { task, part, epoch } = effect;
      const place = places.get(`${requestKeyOf({ runId, task, part })}/${epoch}`);
      if (!place?.pool || place.state === 'queued') stopped.push(stoppedInput(runId, effect, nowMs));
      else messages.push(stopMessage(place.pool, { runId, workflow, version, batchId, task, part, epoch }));
    }
    for (const { input, step, plan } of run.taken) {
      // Who was given up may still be at work; who begins late works for nobody.
      const isUnwanted = (input.kind === 'started' && step.ignored !== null) || (input.kind === 'lost' && step.ignored === null);
      if (!isUnwanted) continue;
      const { task, part, epoch } = input;
      const pool = plan.tasks.find(({ name }) => name === task)?.pool;
      if (pool) messages.push(stopMessage(pool, { runId, workflow, version, batchId, task, part, epoch }));
    }
  }
  return { messages, stopped };
}
