import type { TaskError } from '@vigil/workflows';
import { attemptName, partName, type PartRef, type Report, type Request } from './messages.ts';
import { leaseMs } from './run-database.ts';
import type { RunWorld } from './run-world.ts';
import type { Activity, SimProcess } from './sim-scheduler.ts';

const heartbeatMs = 3000;
const tickMs = 500;
/** Between two words of a stage about its health. */
const wordMs = 3000;

interface Attempt extends PartRef {
  isCancelled: boolean;
  /** Without a heartbeat until then it counts as lost. */
  believedUntilMs: number;
}

const failure: TaskError = { code: 'UNKNOWN', kind: 'transient', detail: 'It failed.' };

/** A worker of one life: what it knows dies with it. */
function createWorker(world: RunWorld, process: SimProcess) {
  const { requests, reports, scheduler, random, variation } = world;
  const { life, name } = process;
  const id = `${name}.${life}`;
  const seen = new Map<string, number>();
  const cancelled = new Map<string, number>();
  const attempts = new Map<string, Attempt>();
  const positions = new Map<number, { readonly generation: number; readonly offset: number }>();
  /** From where on it hears of wishes to stop, whoever owns the partition. */
  const heardUpTo = requests.partitions.map(({ length }) => length);
  let told = 0;
  const messageId = (): string => `${id}-${told++}`;
  const say = (report: Exclude<Report, { readonly kind: 'heartbeat' }>): void => {
    scheduler.tell(`says ${report.kind} ${attemptName(report)}`);
    reports.send(report.runId, report);
  };
  const isPresent = (attempt: Attempt): boolean => attempts.get(partName(attempt)) === attempt;
  const end = (attempt: Attempt): void => void (isPresent(attempt) && attempts.delete(partName(attempt)));
  const refOf = ({ runId, task, part, epoch }: Attempt): PartRef => ({ runId, task, part, epoch });

  function* execute(attempt: Attempt, number: number): Activity {
    const ref = refOf(attempt);
    const { runId, task, part } = ref;
    world.began(ref, () => process.life === life && isPresent(attempt));
    for (let left = world.workMs(task); left > 0; left -= tickMs) {
      yield Math.min(left, tickMs);
      if (!attempt.isCancelled) continue;
      say({ ...ref, kind: 'stopped', messageId: messageId() });
      return end(attempt);
    }
    if (number <= world.failures(task, runId)) {
      say({ ...ref, kind: 'failed', messageId: messageId(), error: failure });
      return end(attempt);
    }
    if (!world.writeOutside(ref)) return end(attempt);
    yield 3;
    const values = world.isHeld(task) ? { hold: 'Its quality is below the limit.' } : {};
    say({ ...ref, kind: 'succeeded', messageId: messageId(), result: { counts: { rows: part + 1 }, values, ref: null } });
    end(attempt);
  }

  /** A stage of a stream: it tells how it is until it is told to stop, or nobody believes it any more. */
  function* follow(attempt: Attempt, number: number): Activity {
    const ref = refOf(attempt);
    world.began(ref, () => process.life === life && isPresent(attempt));
    yield tickMs;
    if (number <= world.failures(ref.task, ref.runId)) {
      say({ ...ref, kind: 'failed', messageId: messageId(), error: failure });
      return end(attempt);
    }
    if (!world.writeOutside(ref)) return end(attempt);
    for (let sinceMs = 0; !attempt.isCancelled; sinceMs += tickMs) {
      if (!isPresent(attempt) || scheduler.now() > attempt.believedUntilMs) return end(attempt);
      if (sinceMs % wordMs === 0) say({ ...ref, kind: 'progressed', messageId: messageId() });
      yield tickMs;
    }
    say({ ...ref, kind: 'stopped', messageId: messageId() });
    end(attempt);
  }

  function admit(request: Request): boolean {
    const place = partName(request);
    if (request.kind === 'cancel') {
      cancelled.set(place, request.epoch);
      const attempt = attempts.get(place);
      if (attempt?.epoch === request.epoch) attempt.isCancelled = true;
      return false;
    }
    if ((seen.get(place) ?? 0) >= request.epoch) return false;
    seen.set(place, request.epoch);
    return cancelled.get(place) !== request.epoch;
  }

  /**
   * The relay may publish a request twice, and the copies stand in one partition. Whoever takes it over reads what stands before
   * its position, too: it has seen a request whose first copy another worker began.
   */
  function takeOver(partition: number): number {
    const position = requests.committed[partition] as number;
    for (const request of variation.remembersOwnOnly ? [] : (requests.partitions[partition] ?? []).slice(0, position)) {
      const known = request.kind === 'run' ? seen : cancelled;
      known.set(partName(request), Math.max(known.get(partName(request)) ?? 0, request.epoch));
    }
    positions.set(partition, { generation: requests.generations[partition] as number, offset: position });
    return position;
  }

  /** Where it reads on; undefined where the partition is another's. */
  function positionOf(partition: number): number | undefined {
    if (requests.owners[partition] !== id) return undefined;
    const known = positions.get(partition);
    return known?.generation === requests.generations[partition] ? known?.offset : takeOver(partition);
  }

  /** @returns false where the group has given the partition away meanwhile, be it back to this worker */
  function commit(partition: number, generation: number | undefined, offset: number): boolean {
    if (requests.owners[partition] !== id || generation === undefined || requests.generations[partition] !== generation) return false;
    requests.committed[partition] = offset;
    positions.set(partition, { generation, offset });
    return true;
  }

  const start = ({ runId, task, part, epoch, attempt: number }: Request): void => {
    const isCancelled = cancelled.get(partName({ runId, task, part })) === epoch;
    const attempt: Attempt = { runId, task, part, epoch, isCancelled, believedUntilMs: scheduler.now() + leaseMs };
    attempts.set(partName(attempt), attempt);
    const isStage = world.database.runs.get(runId)?.plan.continuous === true;
    scheduler.spawn(process, isStage ? follow(attempt, number) : execute(attempt, number));
  };

  /** After a take-over the wish that an attempt stops goes to another worker than the one that runs it: all hear of all. */
  function* listen(): Activity {
    for (;;) {
      yield world.pollMs();
      for (const [partition, log] of requests.partitions.entries()) {
        for (const request of log.slice(heardUpTo[partition])) {
          const attempt = attempts.get(partName(request));
          if (request.kind === 'cancel' && attempt && attempt.epoch <= request.epoch) attempt.isCancelled = true;
        }
        heardUpTo[partition] = log.length;
      }
    }
  }

  function* consume(): Activity {
    for (;;) {
      yield world.pollMs();
      for (const partition of [0, 1]) {
        const position = positionOf(partition);
        if (position === undefined) continue;
        const generation = requests.generations[partition];
        const request = requests.partitions[partition]?.[position];
        if (!request) continue;
        const isAdmitted = admit(request);
        if (isAdmitted) {
          const { runId, task, part, epoch, attempt } = request;
          say({ runId, task, part, epoch, kind: 'started', messageId: messageId(), attempt, worker: id });
          if (variation.runsUncommitted) start(request);
        }
        yield random.chance(0.5) ? 1 : 20;
        // The commit is refused where the group has given the partition to another: then it is that one's to run.
        if (!commit(partition, generation, position + 1)) {
          if (isAdmitted) seen.set(partName(request), request.epoch - 1);
          continue;
        }
        if (isAdmitted && !variation.runsUncommitted) start(request);
      }
    }
  }

  function* beat(): Activity {
    for (;;) {
      world.heard(id);
      const nowMs = scheduler.now();
      const believed = [...attempts.values()].filter(({ believedUntilMs }) => believedUntilMs >= nowMs);
      if (believed.length > 0) reports.send(id, { kind: 'heartbeat', leases: believed.map(refOf) });
      for (const attempt of believed) attempt.believedUntilMs = nowMs + leaseMs;
      yield heartbeatMs;
    }
  }

  return { consume, beat, listen };
}

/** Begins a life of a worker. */
export function beginWorker(world: RunWorld, process: SimProcess): void {
  const { consume, beat, listen } = createWorker(world, process);
  for (const work of [beat(), consume(), listen()]) world.scheduler.spawn(process, work);
}
