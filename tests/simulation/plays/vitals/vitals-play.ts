import { changelogTopicOf, topics } from '@vigil/contracts';
import { runTopology, topicsOfTopology } from '@vigil/kafka';
import { createTopology } from '../../../../services/vitals-windowing/src/topology.ts';
import { checkLedger, checkRows } from '../../checks/check-ledger.ts';
import { checkLetters } from '../../checks/check-letters.ts';
import { checkDrained } from '../../checks/observed-logs.ts';
import type { Violation } from '../../checks/violation.ts';
import type { SimWorld } from '../../sim-world.ts';
import type { Play } from '../play.ts';
import { checkAges, checkAlerts, checkEpisodes, checkLate, checkRevisions, checkWindows } from './check-vitals.ts';
import { drawWard } from './draw-vitals.ts';
import { observeVitals, type VitalsEvidence } from './observe-vitals.ts';
import { windowingShapes, type WindowingShape } from './windowing-shapes.ts';

const { vitalsReadingAccepted, patientChanged, vitalsWindowClosed, vitalsWindowUpdated, vitalsReadingLate, alertRaised } = topics;
const sources = [vitalsReadingAccepted, patientChanged];
const stages = new Map(windowingShapes.map((shape) => [shape, createTopology(shape.rules)]));
const anyStage = createTopology(windowingShapes[0].rules);

function checkVitalsLedger({ ledger, consumed, letters, late, windows, updates, alerts }: VitalsEvidence): readonly Violation[] {
  return [
    ...checkRows(ledger),
    ...checkLedger({
      ledger,
      sources,
      consumed,
      outputs: {
        [vitalsWindowClosed.name]: windows.length,
        [vitalsWindowUpdated.name]: updates,
        [vitalsReadingLate.name]: late.length,
        [alertRaised.name]: alerts.length,
      },
      dispositions: {
        rejected: letters.length,
        late: late.length,
        processed: consumed.filter(({ planned }) => planned.value !== null).length - late.length,
        duplicate: 0,
        suppressed: 0,
      },
    }),
  ];
}

async function check(world: SimWorld, shape: WindowingShape): Promise<readonly Violation[]> {
  const topology = stages.get(shape) ?? anyStage;
  const evidence = await observeVitals(world, shape, topology);
  return [
    ...checkDrained(evidence.places),
    ...checkLetters({
      ...evidence,
      requeued: world.requeued,
      stopped: new Set(),
      isRefused: ({ planned }) => planned.value === null,
    }),
    ...checkVitalsLedger(evidence),
    ...[checkWindows, checkRevisions, checkLate, checkEpisodes, checkAlerts, checkAges].flatMap((each) => each(evidence)),
  ];
}

/** The fleet's own vitals-windowing, with its stores, rules and alarms as they are. */
export const vitalsPlay: Play = {
  name: 'vitals-windowing',
  group: anyStage.name,
  inputs: sources,
  sources,
  topics: topicsOfTopology(anyStage),
  narrowTopics: [],
  changelogs: Object.keys(anyStage.stores).map((store) => changelogTopicOf(anyStage.name, store)),
  troubles: [],
  mayHalt: false,
  mayEndAtStart: false,
  draw: drawWard,
  open({ random }) {
    const shape = random.pick(windowingShapes);
    const topology = stages.get(shape) ?? anyStage;
    return {
      run: (_life, dependencies) => runTopology(topology, dependencies),
      strike: () => undefined,
      calmDown: () => undefined,
      check: (world) => check(world, shape),
    };
  },
};
