import { topics } from '@vigil/contracts';
import { readHalts, resumeStage, type MemoryBroker, type MemoryRegistry } from '@vigil/kafka';
import type { SeededRandom } from '@vigil/testing';
import { between, type Scenario } from '../scenario.ts';
import type { FleetOfProcesses } from './fleet-of-processes.ts';
import type { SimClock } from './sim-clock.ts';

/** Where halts are kept. */
export const haltTopics = [topics.stageHalted.name, topics.troubleRaised.name] as const;

/** Whoever is on call: resumes what its limits halted, as the runbook says. */
export interface Operator {
  /** When the limits were taken away, because the records had to go through quarantine; infinite = they still hold. */
  readonly raisedAtMs: number;
}

export interface OperatorOptions {
  readonly scenario: Scenario;
  readonly clock: SimClock;
  readonly broker: MemoryBroker;
  readonly registry: MemoryRegistry;
  readonly fleet: FleetOfProcesses;
  readonly random: SeededRandom;
  readonly trace: (process: string, happening: string) => void;
}

const lookEveryMs = 2_000;
const isRaisedAtOnce = 0.5;

export function watchHalts({ scenario, clock, broker, registry, fleet, random, trace }: OperatorOptions): Operator {
  const world = { client: broker.connect(), registry };
  const stage = scenario.play.group;
  let raisedAtMs = Number.POSITIVE_INFINITY;
  let resumptions = 0;

  const resume = async (): Promise<void> => {
    if (resumptions++ > 0 || random.chance(isRaisedAtOnce)) {
      raisedAtMs = Math.min(raisedAtMs, clock.now());
      fleet.liftLimits();
    }
    trace('world', `resumes the stage${Number.isFinite(raisedAtMs) ? ', without limits' : ''}`);
    await resumeStage(world, { stage, by: 'on call', reason: 'simulated', nowMs: clock.now() });
  };
  const lookLater = (afterMs: number): void => void clock.after(afterMs, () => void look().finally(() => lookLater(lookEveryMs)));
  const look = async (): Promise<void> => {
    try {
      if (!(await readHalts(world)).has(stage)) return;
      await new Promise<void>((resolve) => void clock.after(between(random, 100, 8_000), resolve));
      await resume();
    } catch {
      // The registry is away: they look again.
    }
  };
  lookLater(lookEveryMs);
  return {
    get raisedAtMs() {
      return raisedAtMs;
    },
  };
}
