import { topics, type AlertRaised, type BatchProgressed, type ReadingAccepted, type WindowClosed } from '@vigil/contracts';
import type { Topology } from '@vigil/kafka';
import { TestStage } from '../../../../services/vitals-windowing/test-support/test-stage.ts';
import {
  committedPlaces,
  consumedOf,
  readLedger,
  readLetters,
  readTopic,
  type Letter,
  type Output,
  type SourcePlace,
} from '../../checks/observed-logs.ts';
import type { SentRecord, SimWorld } from '../../sim-world.ts';
import { readingsInput } from './draw-vitals.ts';
import type { WindowingShape } from './windowing-shapes.ts';

/** The stage's own handlers over what was consumed, in one go and in the order of the log: nobody dies, nothing is restored. */
export interface StraightRun {
  readonly readings: readonly ReadingAccepted[];
  /** Beside the readings, what became of each. */
  readonly isLate: readonly boolean[];
  readonly isTooLate: readonly boolean[];
  readonly alerts: readonly AlertRaised[];
}

export interface VitalsEvidence {
  readonly shape: WindowingShape;
  readonly windows: readonly Output<WindowClosed>[];
  readonly updates: number;
  readonly late: readonly Output<ReadingAccepted>[];
  readonly alerts: readonly Output<AlertRaised>[];
  readonly letters: readonly Letter[];
  readonly ledger: readonly BatchProgressed[];
  readonly places: readonly SourcePlace[];
  readonly sent: readonly SentRecord[];
  readonly consumed: readonly SentRecord[];
  readonly straight: StraightRun;
}

const byLog = (a: SentRecord, b: SentRecord): number => a.partition - b.partition || a.offset - b.offset;

function runStraight(topology: Topology, consumed: readonly SentRecord[]): StraightRun {
  const readings = consumed
    .filter(({ planned }) => planned.input === readingsInput && planned.value !== null)
    .toSorted(byLog)
    .map(({ planned }) => planned.value as ReadingAccepted);
  const stage = new TestStage(topology, 0).handle(...readings).commit();
  const { outcomes } = stage;
  return {
    readings,
    isLate: outcomes.map(({ disposition }) => disposition === 'late'),
    isTooLate: outcomes.map((outcome) => outcome.disposition === 'late' && !outcome.corrected),
    alerts: stage.alerts(),
  };
}

export async function observeVitals(world: SimWorld, shape: WindowingShape, topology: Topology): Promise<VitalsEvidence> {
  const places = await committedPlaces(world);
  const consumed = consumedOf(world.sent, places);
  return {
    shape,
    windows: readTopic(world, topics.vitalsWindowClosed),
    updates: readTopic(world, topics.vitalsWindowUpdated).length,
    late: readTopic(world, topics.vitalsReadingLate),
    alerts: readTopic(world, topics.alertRaised),
    letters: readLetters(world),
    ledger: readLedger(world),
    places,
    sent: world.sent,
    consumed,
    straight: runStraight(topology, consumed),
  };
}
