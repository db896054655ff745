import { attemptName, inputOf } from './messages.ts';
import { leaseMs } from './run-database.ts';
import type { Activity } from './sim-scheduler.ts';
import type { RunWorld } from './run-world.ts';

const claimMs = 8000;

/** Gives queued parts slots and writes their requests, in one transaction; those of a paused run wait. */
export function* dispatch({ database, pollMs, slots, scheduler, variation }: RunWorld): Activity {
  for (;;) {
    yield pollMs();
    for (const [name, row] of database.parts) {
      if (row.state !== 'queued' || database.slotEpochs.size >= slots) continue;
      const isPaused = database.runs.get(row.runId)?.state?.status === 'paused';
      if (isPaused && !variation.dispatchesPaused) continue;
      if (isPaused) database.problems.push({ invariant: 'W10', detail: `${attemptName(row)} is handed out while its run is paused` });
      scheduler.tell(`hands out ${attemptName(row)}`);
      row.state = 'requested';
      row.leaseUntilMs = database.now() + leaseMs;
      database.slotEpochs.set(name, row.epoch);
      database.write(row, 'run', row.attempt);
    }
  }
}

/** Claims rows, publishes each, deletes them: it may die between any two of these. */
export function* relay({ database, requests, pollMs, scheduler }: RunWorld): Activity {
  for (;;) {
    yield pollMs();
    const nowMs = database.now();
    const keys = new Set<string>();
    const claimed = database.outbox.filter(({ key, claimedUntilMs }) => {
      const isFirst = !keys.has(key);
      keys.add(key);
      return isFirst && claimedUntilMs <= nowMs;
    });
    for (const row of claimed) row.claimedUntilMs = nowMs + claimMs;
    for (const row of claimed) {
      yield 1;
      scheduler.tell(`publishes ${row.message.kind} ${attemptName(row.message)}`);
      requests.send(row.key, row.message);
      yield 1;
      const at = database.outbox.indexOf(row);
      if (at >= 0) database.outbox.splice(at, 1);
    }
  }
}

/** Takes reports into steps; the position stands in their transaction, so whoever else read them meanwhile takes nothing. */
export function* takeReports({ database, reports, pollMs, random }: RunWorld): Activity {
  for (;;) {
    yield pollMs();
    const partition = random.chance(0.5) ? 0 : 1;
    const position = reports.committed[partition] as number;
    const batch = (reports.partitions[partition] ?? []).slice(position, position + 5);
    yield 2;
    if (reports.committed[partition] !== position) continue;
    for (const report of batch) {
      if (report.kind === 'heartbeat') {
        for (const lease of report.leases) {
          const row = database.parts.get(`${lease.runId}/${lease.task}/${lease.part}`);
          if (row?.epoch === lease.epoch && row.state !== 'queued') row.leaseUntilMs = database.now() + leaseMs;
        }
        continue;
      }
      if (database.inbox.has(report.messageId)) continue;
      database.inbox.add(report.messageId);
      database.step(report.runId, inputOf(report, database.now()));
    }
    reports.committed[partition] = position + batch.length;
  }
}

/** Tells runs of leases that ended and of timers that are due. */
export function* watchTimes({ database, pollMs, variation }: RunWorld): Activity {
  for (;;) {
    yield pollMs() * 4;
    const nowMs = database.now();
    for (const { runId, task, part, epoch, state, leaseUntilMs } of Array.from(database.parts.values())) {
      if (state === 'queued' || leaseUntilMs >= nowMs || variation.ignoresLeases) continue;
      database.step(runId, { kind: 'lost', atMs: nowMs, task, part, epoch });
    }
    yield 1;
    for (const [name, { runId, input, atMs }] of Array.from(database.timers)) {
      if (atMs > database.now() || !database.timers.delete(name)) continue;
      database.step(runId, { ...input, atMs: database.now() });
    }
  }
}
