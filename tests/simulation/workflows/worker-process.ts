import type { TaskError } from '@vigil/workflows';
import { partName, type PartRef, type Request } from './messages.ts';
import type { RunWorld } from './run-world.ts';
import type { Activity, SimProcess } from './sim-scheduler.ts';

const heartbeatMs = 3000;
const sessionMs = 6000;

interface Attempt extends PartRef {
  isCancelled: boolean;
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
  let told = 0;
  const messageId = (): string => `${id}-${told++}`;

  function* execute(attempt: Attempt, number: number): Activity {
    const { runId, task, part, epoch } = attempt;
    const ref = { runId, task, part, epoch };
    const place = partName(ref);
    world.began(ref, () => process.life === life && attempts.get(place) === attempt);
    const end = (): void => {
      if (attempts.get(place) === attempt) attempts.delete(place);
    };
    for (let left = world.workMs(task); left > 0; left -= 500) {
      yield Math.min(left, 500);
      if (!attempt.isCancelled) continue;
      reports.send(runId, { ...ref, kind: 'stopped', messageId: messageId() });
      return end();
    }
    if (number <= world.failures(task)) {
      reports.send(runId, { ...ref, kind: 'failed', messageId: messageId(), error: failure });
      return end();
    }
    if (!world.writeOutside(ref)) return end();
    yield 3;
    reports.send(runId, {
      ...ref,
      kind: 'succeeded',
      messageId: messageId(),
      result: { counts: { rows: part + 1 }, values: {}, ref: null },
    });
    end();
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
    const attempt: Attempt = { runId, task, part, epoch, isCancelled: cancelled.get(partName({ runId, task, part })) === epoch };
    attempts.set(partName(attempt), attempt);
    scheduler.spawn(process, execute(attempt, number));
  };

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
          reports.send(runId, { runId, task, part, epoch, kind: 'started', messageId: messageId(), attempt, worker: id });
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
      const leases = [...attempts.values()].map(({ runId, task, part, epoch }) => ({ runId, task, part, epoch }));
      if (leases.length > 0) reports.send(id, { kind: 'heartbeat', leases });
      yield heartbeatMs;
    }
  }

  return { id, consume, beat };
}

/** Begins a life of a worker. */
export function beginWorker(world: RunWorld, process: SimProcess): void {
  const { consume, beat } = createWorker(world, process);
  world.scheduler.spawn(process, beat());
  world.scheduler.spawn(process, consume());
}

/** What the brokers do: who was not heard of for a session loses its partitions to those who were. */
export function* coordinate(world: RunWorld): Activity {
  for (;;) {
    yield 500;
    const alive = [...world.lastHeard].filter(([, atMs]) => world.scheduler.now() - atMs < sessionMs).map(([id]) => id);
    for (const partition of [0, 1]) {
      const owner = world.requests.owners[partition] ?? null;
      if (owner !== null && alive.includes(owner)) continue;
      world.requests.generations[partition] = (world.requests.generations[partition] as number) + 1;
      world.requests.owners[partition] = alive[partition % Math.max(alive.length, 1)] ?? null;
    }
  }
}
