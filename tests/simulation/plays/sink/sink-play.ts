import { dlqTopicOf, retryTopicOf, topics, type Group } from '@vigil/contracts';
import { runSink, type SinkSpec } from '@vigil/kafka';
import { checkDrained, consumedOf, readLedger, readLetters } from '../../checks/observed-logs.ts';
import type { Violation } from '../../checks/violation.ts';
import type { SentRecord, SimWorld } from '../../sim-world.ts';
import { createSimDatabase, type SimDatabase } from '../../world/sim-database.ts';
import type { OpenPlay, Play, StageSet } from '../play.ts';
import { drawSamples } from '../ward/draw-ward.ts';
import { kinds, sources, type Sample } from '../ward/ward-topology.ts';
import { checkRowsOf, checkSinkLedger, checkSinkLetters, storedPlaces } from './check-sink.ts';

const group = 'ward-loader' as Group;

const isUnwritable = (value: unknown): boolean => (value as Sample | null)?.kind === kinds.malformed;
const isRefused = ({ planned: { value } }: SentRecord): boolean => value === null || isUnwritable(value);

async function check(world: SimWorld, database: SimDatabase): Promise<readonly Violation[]> {
  const places = storedPlaces(world, database);
  const consumed = consumedOf(world.sent, places);
  const letters = readLetters(world);
  const written = consumed.filter((record) => !isRefused(record));
  return [
    ...checkDrained(places),
    ...database.violations,
    ...checkRowsOf(database, written),
    ...checkSinkLetters({ letters, sent: world.sent, consumed, requeued: world.requeued, isRefused }),
    ...checkSinkLedger({ world, ledger: readLedger(world), consumed, rows: database.content.rows.length, letters, isRefused }),
  ];
}

function open({ scenario, clock, random, trace }: StageSet): OpenPlay {
  const database = createSimDatabase({ clock, random, weather: scenario.weather, trace, isRefused: isUnwritable });
  const spec: SinkSpec = {
    name: group,
    sources: sources.map((topic) => ({ topic, read: 'decoded' })),
    limits: { maxRecords: scenario.commitRecords, maxWaitMs: 200, idleMs: 50 },
  };
  return {
    run: (life, dependencies) => runSink(spec, { ...dependencies, target: database.connect(life) }),
    calmDown: database.calmDown,
    strike(trouble) {
      if (trouble.kind === 'database-away') {
        database.setAway(true);
        clock.after(trouble.forMs, () => database.setAway(false));
      }
      if (trouble.kind !== 'rewind') return;
      const place = { topic: sources[0].name, partition: trouble.partition };
      database.rewind(place, Math.floor((database.content.positionOf(place) ?? 0) * trouble.part));
    },
    check: (world) => check(world, database),
  };
}

/** A sink on a database: positions and rows of one piece, whoever is cut off in the middle of a COMMIT. */
export const sinkPlay: Play = {
  name: 'sink',
  group,
  inputs: sources,
  sources,
  topics: [...sources.flatMap(({ name }) => [name, dlqTopicOf(name, group), retryTopicOf(name, group)]), topics.batchProgressed.name],
  narrowTopics: [],
  changelogs: [],
  troubles: ['database-away', 'database-away', 'rewind'],
  mayHalt: false,
  mayEndAtStart: true,
  draw: drawSamples,
  open,
};
