import { classifyError } from '@vigil/core';
import { runTopology, type EngineSettings, type EngineEvent, type MemoryBroker, type MemoryRegistry, type Stage } from '@vigil/kafka';
import type { SeededRandom } from '@vigil/testing';
import { createCoordinator } from './coordinator.ts';
import type { Network } from './network.ts';
import { createProcessLife, type ProcessLife } from './process-life.ts';
import type { Scenario } from './scenario.ts';
import { createSimClient } from './sim-client.ts';
import type { SimClock } from './sim-clock.ts';
import { ward } from './ward-topology.ts';

export interface FleetOptions {
  readonly scenario: Scenario;
  readonly clock: SimClock;
  readonly broker: MemoryBroker;
  readonly registry: MemoryRegistry;
  readonly network: Network;
  readonly random: SeededRandom;
  readonly trace: (process: string, happening: string) => void;
}

/** The instances of the stage, each the engine as it runs in production, under a supervisor that starts again what ended. */
export interface FleetOfProcesses {
  lifeOf(process: number): ProcessLife;
  /** Kills it; its successor starts after `forMs`. */
  crash(process: number, forMs: number): void;
  redeploy(process: number, forMs: number): void;
  expel(process: number): void;
  /** Codes of what ended processes by themselves. */
  readonly failures: readonly string[];
}

interface Slot {
  life: ProcessLife;
  stage: Stage | null;
  starts: number;
}

const sessionTimeoutMs = 6_000;
const restartMs = 1_000;
const drainMs = 5_000;

const settingsOf = ({ commitRecords }: Scenario): Partial<EngineSettings> => ({
  commitIntervalMs: 100,
  commitRecords,
  sessionTimeoutMs,
  transactionTimeoutMs: 10_000,
  maxQueuedRecords: 30,
  pollMs: 500,
  retryCapMs: 2_000,
});

const happeningOf = (event: EngineEvent): string => {
  const { type, ...facts } = event as EngineEvent & { readonly traceparents?: unknown };
  return `${type} ${JSON.stringify(facts)}`;
};

export function startFleet(options: FleetOptions): FleetOfProcesses {
  const { scenario, clock, broker, registry, network, random, trace } = options;
  const coordinator = createCoordinator({ clock, broker, sessionTimeoutMs });
  const failures: string[] = [];
  const slots: Slot[] = [];

  const ended = (process: number, life: ProcessLife, error: unknown): void => {
    if (!life.isAlive) return;
    const { code } = classifyError(error);
    failures.push(code);
    trace(life.name, `ended by ${code}${code === 'UNKNOWN' ? ` ${String(error)}` : ''}`);
    life.die();
    startLater(process, restartMs);
  };
  const start = (process: number): void => {
    const slot = slots[process] as Slot;
    const life = createProcessLife(`p${process}.${++slot.starts}`);
    slot.life = life;
    slot.stage = null;
    trace(life.name, 'starts');
    const started = runTopology(ward, {
      client: createSimClient({ inner: broker.connect(), network, life, coordinator }),
      registry,
      clock: { now: () => clock.now(), present: () => clock.now(), after: (delayMs, run) => clock.after(delayMs, () => life.deliver(run)) },
      random: () => random.next(),
      observer: { on: (event) => trace(life.name, happeningOf(event)) },
      settings: settingsOf(scenario),
    });
    const watch = async (): Promise<void> => {
      const stage = await started;
      if (slot.life === life) slot.stage = stage;
      await stage.finished;
    };
    void watch().catch((error: unknown) => ended(process, life, error));
  };
  const startLater = (process: number, afterMs: number): void =>
    void clock.after(afterMs, () => {
      if (!(slots[process] as Slot).life.isAlive) start(process);
    });
  const crash = (process: number, forMs: number): void => {
    const { life } = slots[process] as Slot;
    if (!life.isAlive) return;
    trace(life.name, 'dies');
    life.die();
    startLater(process, forMs);
  };

  for (let process = 0; process < scenario.processes; process++) {
    slots.push({ life: createProcessLife('none'), stage: null, starts: 0 });
    start(process);
  }
  return {
    failures,
    lifeOf: (process) => (slots[process] as Slot).life,
    crash,
    redeploy(process, forMs) {
      const { life, stage } = slots[process] as Slot;
      if (!life.isAlive || !stage) return;
      trace(life.name, 'drains');
      void stage.drain({ withinMs: drainMs }).then(() => crash(process, forMs));
      // Kubernetes' own patience: what does not drain is killed.
      clock.after(2 * drainMs, () => life === (slots[process] as Slot).life && crash(process, forMs));
    },
    expel: (process) => coordinator.expel((slots[process] as Slot).life),
  };
}
