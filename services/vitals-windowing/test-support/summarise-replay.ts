import type { ReadingAccepted } from '@vigil/contracts';
import type { RecordedStay } from '@vigil/testing';
import { scoreNews2 } from '../src/domain/scores/news2.ts';
import { createTopology } from '../src/topology.ts';
import { judgeMessage } from './judge-message.ts';
import { differencesOf, lastRevisions, recomputeWindows } from './recompute-windows.ts';
import { rulesWith } from './test-rules.ts';
import { TestStage } from './test-stage.ts';

const dayMs = 86_400_000;
const round = (value: number, digits = 3): number => Math.round(value * 10 ** digits) / 10 ** digits;

function countBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const partialScore = (reading: ReadingAccepted): number =>
  scoreNews2({ ...reading, pulse: reading.heartRate, consciousness: null, supplementalOxygen: null }).score;

/** How often a score of at least `from` would alert hour by hour, and how often rightly so. */
function yieldOf(stays: readonly RecordedStay[], readings: readonly ReadingAccepted[][], from: number) {
  const hours = readings.flatMap((stay, at) =>
    stay.map((reading, hour) => ({ alerts: partialScore(reading) >= from, septic: stays[at]?.sepsis[hour] === true })),
  );
  const alerting = hours.filter(({ alerts }) => alerts);
  const septicStays = stays.flatMap(({ sepsis }, at) => (sepsis.includes(true) ? [readings[at] ?? []] : []));
  return {
    shareOfHours: round(alerting.length / hours.length),
    hourlyPpv: round(alerting.filter(({ septic }) => septic).length / Math.max(1, alerting.length)),
    septicStays: septicStays.length,
    septicStaysReached: septicStays.filter((stay) => stay.some((reading) => partialScore(reading) >= from)).length,
  };
}

/** Runs recorded stays through the stage as a live ward and tells what came of it. */
export function summariseReplay(stays: readonly RecordedStay[]) {
  const rules = rulesWith();
  const readings = stays.map(({ messages }) => messages.map(judgeMessage));
  const inOrder = readings.flat().sort((a, b) => a.observedAt - b.observedAt);
  const stage = new TestStage(createTopology(rules), inOrder[0]?.observedAt ?? 0);
  for (const reading of inOrder) stage.pipe(reading);
  stage.idle(3_600_000, { stepMs: 60_000 });

  const raised = stage.alerts().filter(({ change }) => change === 'raised');
  const patientDays = readings.reduce((days, stay) => days + ((stay.at(-1)?.observedAt ?? 0) - (stay[0]?.observedAt ?? 0)) / dayMs, 0);
  const physiological = raised.filter(({ kind }) => kind === 'physiological');
  return {
    differences: differencesOf(lastRevisions(stage.windows()), recomputeWindows(inOrder, rules.windows)).length,
    summary: {
      stays: stays.length,
      patientDays: round(patientDays, 2),
      readings: inOrder.length,
      late: stage.late().length,
      windows: stage.windows().length,
      excluded: countBy(
        inOrder.flatMap(({ excluded }) => excluded),
        ({ field, code }) => `${field} ${code}`,
      ),
      raised: countBy(raised, ({ rule, severity }) => `${rule} ${severity}`),
      cleared: stage.alerts().length - raised.length,
      physiologicalPerPatientDay: round(physiological.length / patientDays, 2),
      criticalPerPatientDay: round(raised.filter(({ severity }) => severity === 'critical').length / patientDays, 2),
      technicalPerPatientDay: round((raised.length - physiological.length) / patientDays, 2),
      partialNews2: { from5: yieldOf(stays, readings, 5), from7: yieldOf(stays, readings, 7) },
    },
  };
}
