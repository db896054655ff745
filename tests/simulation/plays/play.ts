import type { Topic } from '@vigil/contracts';
import type { EngineSettings, MemoryBroker, MemoryRegistry, Stage, StageDependencies } from '@vigil/kafka';
import type { SeededRandom } from '@vigil/testing';
import type { Violation } from '../checks/violation.ts';
import type { PlannedRecord, Scenario, Trouble } from '../scenario.ts';
import type { SimWorld } from '../sim-world.ts';
import type { ProcessLife } from '../world/process-life.ts';
import type { SimClock } from '../world/sim-clock.ts';

/** What a seed has decided when records are drawn. */
export interface Span {
  readonly startMs: number;
  readonly activeMs: number;
  readonly partitions: number;
  readonly quarantine: Scenario['quarantine'];
}

/** What a play may build on that outlives its processes. */
export interface StageSet {
  readonly scenario: Scenario;
  readonly clock: SimClock;
  readonly broker: MemoryBroker;
  readonly registry: MemoryRegistry;
  readonly random: SeededRandom;
  readonly trace: (process: string, happening: string) => void;
}

/** A stage of the fleet, or one made for the simulation, with what is sent to it and how its outputs are judged. */
export interface Play {
  readonly name: string;
  /** Consumer group. */
  readonly group: string;
  /** Where records are sent. */
  readonly inputs: readonly Topic[];
  /** Of these, what the stage reads and quarantines; the others are its tables. */
  readonly sources: readonly Topic[];
  /** Topics with as many partitions as the sources. */
  readonly topics: readonly string[];
  /** Topics with one partition. */
  readonly narrowTopics: readonly string[];
  readonly changelogs: readonly string[];
  /** Troubles that only this play knows. */
  readonly troubles: readonly Trouble['kind'][];
  readonly mayHalt: boolean;
  /** Whether a process that finds its dependencies away when it starts ends, and is started again. */
  readonly mayEndAtStart: boolean;
  draw(random: SeededRandom, span: Span): readonly PlannedRecord[];
  open(set: StageSet): OpenPlay;
}

/** A play in one schedule. */
export interface OpenPlay {
  /** Starts the stage in a process. */
  run(life: ProcessLife, dependencies: StageDependencies & { readonly settings: Partial<EngineSettings> }): Promise<Stage>;
  strike(trouble: Trouble): void;
  calmDown(): void;
  check(world: SimWorld): readonly Violation[] | Promise<readonly Violation[]>;
}
