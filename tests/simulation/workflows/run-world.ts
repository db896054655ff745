import type { RunPlan } from '@vigil/workflows';
import type { SeededRandom } from '@vigil/testing';
import { attemptName, partName, type PartRef, type Report, type Request } from './messages.ts';
import { createRunDatabase, type RunDatabase } from './run-database.ts';
import { createLog, type SimLog } from './sim-log.ts';
import type { Scheduler } from './sim-scheduler.ts';
import type { Variation } from './variation.ts';

/** An effect outside, as the target took it. */
export interface WrittenOutside extends PartRef {
  readonly atMs: number;
}

export interface RunWorld extends Pick<WorldGiven, 'scheduler' | 'random' | 'variation' | 'workMs' | 'failures' | 'isHeld' | 'answer'> {
  readonly database: RunDatabase;
  readonly requests: SimLog<Request>;
  readonly reports: SimLog<Report>;
  readonly lastHeard: Map<string, number>;
  readonly written: WrittenOutside[];
  /** Attempts that ran twice at once under one epoch. */
  readonly doubled: string[];
  readonly slots: number;
  readonly pollMs: () => number;
  readonly heard: (worker: string) => void;
  /** Writes what an attempt came to. @returns false where a later epoch, or this one, has written before */
  readonly writeOutside: (ref: PartRef) => boolean;
  readonly began: (ref: PartRef, isAlive: () => boolean) => void;
  /** Whether somebody works on the attempt. */
  readonly isAtWork: (ref: PartRef) => boolean;
}

export interface WorldGiven {
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly variation: Variation;
  readonly planOf: (workflow: string) => RunPlan;
  readonly versions: readonly RunPlan[];
  readonly isRepeated: () => boolean;
  readonly workMs: (task: string) => number;
  /** How many attempts of a task of a run fail before one does not. */
  readonly failures: (task: string, runId: string) => number;
  /** Whether what a task gave has to be looked at by a person. */
  readonly isHeld: (task: string) => boolean;
  /** What the person says to a question each time it is looked at; null = nothing yet. */
  readonly answer: () => 'approved' | 'declined' | null;
}

/** Of a pool: less than runs could use, but for stages, each of which keeps its own for good. */
const slotsFor = (versions: readonly RunPlan[]): number => (versions.some(({ continuous }) => continuous) ? 100 : 2);

export function createRunWorld(given: WorldGiven): RunWorld {
  const { scheduler, random, variation, planOf, versions, isRepeated, workMs, failures, isHeld, answer } = given;
  const written: WrittenOutside[] = [];
  const fences = new Map<string, number>();
  const running = new Map<string, () => boolean>();
  const doubled: string[] = [];
  const lastHeard = new Map<string, number>();
  const { tell } = scheduler;
  return {
    scheduler,
    random,
    variation,
    workMs,
    failures,
    isHeld,
    answer,
    database: createRunDatabase({ now: scheduler.now, tell, variation, planOf, versions }),
    requests: createLog(isRepeated),
    reports: createLog(isRepeated),
    lastHeard,
    written,
    doubled,
    slots: slotsFor(versions),
    pollMs: () => 100 + Math.floor(random.next() * 200),
    heard: (worker) => void lastHeard.set(worker, scheduler.now()),
    writeOutside(ref) {
      const name = partName(ref);
      const isLate = !variation.writesUnfenced && (fences.get(name) ?? 0) >= ref.epoch;
      tell(`${isLate ? 'may not write' : 'writes'} ${attemptName(ref)}`);
      if (isLate) return false;
      fences.set(name, ref.epoch);
      written.push({ ...ref, atMs: scheduler.now() });
      return true;
    },
    began(ref, isAlive) {
      const name = attemptName(ref);
      tell(`begins ${name}`);
      if (running.get(name)?.()) doubled.push(name);
      running.set(name, isAlive);
    },
    isAtWork: (ref) => running.get(attemptName(ref))?.() ?? false,
  };
}
