import type { RunPlan } from '@vigil/workflows';
import type { SeededRandom } from '@vigil/testing';
import { partName, type PartRef, type Report, type Request } from './messages.ts';
import { createRunDatabase, type RunDatabase } from './run-database.ts';
import { createLog, type SimLog } from './sim-log.ts';
import type { Scheduler } from './sim-scheduler.ts';
import type { Variation } from './variation.ts';

/** An effect outside, as the target took it. */
export interface WrittenOutside extends PartRef {
  readonly atMs: number;
}

export interface RunWorld {
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly variation: Variation;
  readonly database: RunDatabase;
  readonly requests: SimLog<Request>;
  readonly reports: SimLog<Report>;
  readonly lastHeard: Map<string, number>;
  readonly written: WrittenOutside[];
  /** Attempts that ran twice at once under one epoch. */
  readonly doubled: string[];
  readonly pollMs: () => number;
  readonly heard: (worker: string) => void;
  readonly workMs: (task: string) => number;
  /** How many attempts of a task fail before one does not. */
  readonly failures: (task: string) => number;
  /** Writes what an attempt came to. @returns false where a later epoch, or this one, has written before */
  readonly writeOutside: (ref: PartRef) => boolean;
  readonly began: (ref: PartRef, isAlive: () => boolean) => void;
}

export interface WorldGiven {
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly variation: Variation;
  readonly planOf: (workflow: string) => RunPlan;
  readonly isRepeated: () => boolean;
  readonly workMs: (task: string) => number;
  readonly failures: (task: string) => number;
}

export function createRunWorld({ scheduler, random, variation, planOf, isRepeated, workMs, failures }: WorldGiven): RunWorld {
  const written: WrittenOutside[] = [];
  const fences = new Map<string, number>();
  const running = new Map<string, () => boolean>();
  const doubled: string[] = [];
  const lastHeard = new Map<string, number>();
  return {
    scheduler,
    random,
    variation,
    database: createRunDatabase({ now: scheduler.now, variation, planOf }),
    requests: createLog(isRepeated),
    reports: createLog(isRepeated),
    lastHeard,
    written,
    doubled,
    pollMs: () => 100 + Math.floor(random.next() * 200),
    heard: (worker) => void lastHeard.set(worker, scheduler.now()),
    workMs,
    failures,
    writeOutside(ref) {
      const name = partName(ref);
      if (!variation.writesUnfenced && (fences.get(name) ?? 0) >= ref.epoch) return false;
      fences.set(name, ref.epoch);
      written.push({ ...ref, atMs: scheduler.now() });
      return true;
    },
    began(ref, isAlive) {
      const name = `${partName(ref)}@${ref.epoch}`;
      if (running.get(name)?.()) doubled.push(name);
      running.set(name, isAlive);
    },
  };
}
