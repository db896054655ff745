import { classifyError } from '@vigil/core';
import type { EngineEvent, EngineSettings, KafkaClient, MemoryBroker, MemoryRegistry, Stage } from '@vigil/kafka';
import type { SeededRandom } from '@vigil/testing';
import { holdHalted, type HeldConnection } from '../../../packages/runtime/src/lifecycle/hold-halted.ts';
import type { OpenPlay } from '../plays/play.ts';
import type { Scenario } from '../scenario.ts';
import { createCoordinator } from './coordinator.ts';
import type { Network } from './network.ts';
import { createProcessLife, type ProcessLife } from './process-life.ts';
import { createSimClient } from './sim-client.ts';
import type { SimClock } from './sim-clock.ts';

export interface FleetOptions {
  readonly scenario: Scenario;
  readonly open: OpenPlay;
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
  /** Deploys the fleet anew, with the limits of production. */
  liftLimits(): void;
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

const settingsOf = ({ commitRecords }: Scenario, quarantine: Scenario['quarantine']): Partial<EngineSettings> => ({
  commitIntervalMs: 100,
  commitRecords,
  sessionTimeoutMs,
  transactionTimeoutMs: 10_000,
  maxQueuedRecords: 30,
  pollMs: 500,
  retryCapMs: 2_000,
  ...(quarantine && { quarantine }),
});

const noLog = { info: () => undefined, warn: () => undefined, failure: () => undefined };
const noHealth = { watch: () => undefined };

/** As every service connects; where no limit is to be met nothing can be halted, and nobody asks. */
function connectionOf(client: KafkaClient, life: ProcessLife, { scenario, clock, registry }: FleetOptions): HeldConnection {
  if (!scenario.quarantine) return { client, onStageFailed: () => Promise.resolve() };
  const wait = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, () => life.deliver(resolve)));
  return holdHalted({ client, registry }, { service: life.name, clock, health: noHealth, log: noLog, wait });
}

const happeningOf = (event: EngineEvent): string => {
  const { type, ...facts } = event as EngineEvent & { readonly traceparents?: unknown };
  return `${type} ${JSON.stringify(facts)}`;
};

export function startFleet(options: FleetOptions): FleetOfProcesses {
  const { scenario, open, clock, broker, registry, network, random, trace } = options;
  const { mayEndAtStart } = scenario.play;
  let { quarantine } = scenario;
  const coordinator = createCoordinator({ clock, broker, sessionTimeoutMs });
  const failures: string[] = [];
  const slots: Slot[] = [];

  const ended = async (process: number, life: ProcessLife, failure: { error: unknown; onStageFailed: HeldConnection['onStageFailed'] }) => {
    if (!life.isAlive) return;
    const { error, onStageFailed } = failure;
    const { code, kind } = classifyError(error);
    const isLeftToSupervisor = mayEndAtStart && slots[process]?.stage === null && (kind === 'dependency' || kind === 'transient');
    if (!isLeftToSupervisor) failures.push(code);
    trace(life.name, `ended by ${code}${code === 'UNKNOWN' ? ` ${String(error)}` : ''}`);
    await onStageFailed(scenario.play.group, error);
    if (!life.isAlive) return;
    life.die();
    startLater(process, restartMs);
  };
  const start = (process: number): void => {
    const slot = slots[process] as Slot;
    const life = createProcessLife(`p${process}.${++slot.starts}`);
    slot.life = life;
    slot.stage = null;
    trace(life.name, 'starts');
    const inner = createSimClient({ inner: broker.connect(), network, life, coordinator });
    const { client, onStageFailed } = connectionOf(inner, life, options);
    const started = open.run(life, {
      client,
      registry,
      clock: { now: () => clock.now(), present: () => clock.now(), after: (delayMs, run) => clock.after(delayMs, () => life.deliver(run)) },
      random: () => random.next(),
      observer: { on: (event) => trace(life.name, happeningOf(event)) },
      settings: settingsOf(scenario, quarantine),
    });
    const watch = async (): Promise<void> => {
      const stage = await started;
      if (slot.life === life) slot.stage = stage;
      await stage.finished;
    };
    void watch().catch((error: unknown) => ended(process, life, { error, onStageFailed }));
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
    liftLimits() {
      quarantine = null;
      for (let process = 0; process < slots.length; process++) crash(process, restartMs);
    },
    expel: (process) => coordinator.expel((slots[process] as Slot).life),
  };
}
