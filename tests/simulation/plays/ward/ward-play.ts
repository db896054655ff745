import { changelogTopicOf } from '@vigil/contracts';
import { runTopology, topicsOfTopology } from '@vigil/kafka';
import { checkLedger, checkRows } from '../../checks/check-ledger.ts';
import { checkLetters } from '../../checks/check-letters.ts';
import { checkLimits } from '../../checks/check-limits.ts';
import { checkDrained } from '../../checks/observed-logs.ts';
import type { Violation } from '../../checks/violation.ts';
import type { SimWorld } from '../../sim-world.ts';
import type { Play } from '../play.ts';
import { checkReadings } from './check-readings.ts';
import { checkTable } from './check-table.ts';
import { checkWindows } from './check-windows.ts';
import { drawLimits, drawSamples } from './draw-ward.ts';
import { isRefused, isSound, observeWard, type Check } from './observe-ward.ts';
import { accepted, alarms, kinds, limits, sources, ward, windows } from './ward-topology.ts';

const checkWardLedger: Check = (evidence) => {
  const { ledger, consumed, letters } = evidence;
  const unique = new Set(consumed.filter(isSound).map(({ planned }) => planned.value?.id));
  const late = evidence.accepted.filter(({ value }) => value.isLate === 1).length;
  return [
    ...checkRows(ledger),
    ...checkLedger({
      ledger,
      sources,
      consumed,
      outputs: {
        [accepted.name]: evidence.accepted.length,
        [windows.name]: evidence.windows.length,
        [alarms.name]: evidence.alarms.length,
      },
      dispositions: {
        rejected: letters.length,
        late,
        processed: evidence.accepted.length - late,
        duplicate: consumed.filter(isSound).length - unique.size,
        suppressed: consumed.filter(({ planned }) => planned.value?.kind === kinds.withheld).length,
      },
    }),
  ];
};

async function check(world: SimWorld): Promise<readonly Violation[]> {
  const evidence = await observeWard(world);
  return [
    ...checkDrained(evidence.places, evidence.stopped),
    ...checkLetters({ ...evidence, requeued: world.requeued, isRefused }),
    ...checkLimits(world, evidence.ledger),
    ...[checkReadings, checkWindows, checkTable, checkWardLedger].flatMap((each) => each(evidence)),
  ];
}

/** The small stage in which every output tells the state that it saw. */
export const wardPlay: Play = {
  name: 'ward',
  group: ward.name,
  inputs: [...sources, limits],
  sources,
  topics: topicsOfTopology(ward).filter((name) => name !== limits.name),
  narrowTopics: [limits.name],
  changelogs: [changelogTopicOf(ward.name, 'patients')],
  troubles: ['retention'],
  mayHalt: true,
  mayEndAtStart: false,
  draw: (random, span) => [...drawSamples(random, span), ...drawLimits(random, span, sources.length)],
  open: () => ({
    run: (_life, dependencies) => runTopology(ward, dependencies),
    strike: () => undefined,
    calmDown: () => undefined,
    check,
  }),
};
