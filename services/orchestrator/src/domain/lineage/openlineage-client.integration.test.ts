import { expect, test } from '@jest/globals';
import { openLineageProblems } from '../../../fixtures/openlineage-client.ts';
import { aLineageRun, failed, result, started, type LineageRun } from './lineage.fixture.ts';

/** Runs that end in each way there is. */
function everyKindOfRun(): readonly LineageRun[] {
  const inputs = [
    [started, { kind: 'succeeded', result }, { kind: 'approved', task: 'ask', by: 'ann', reason: '' }],
    [started, failed('poison')],
    [started, { kind: 'lost' }, { kind: 'cancel', by: 'ann', reason: 'enough' }, { kind: 'stopped' }],
  ];
  return inputs.map((given) => {
    const run = aLineageRun();
    run.begin();
    for (const input of given) run.give(input);
    return run;
  });
}

const facetsOf = ({ run, job, inputs, outputs }: LineageRun['told'][number]): readonly string[] =>
  [
    run.facets,
    job.facets,
    ...inputs.flatMap(({ facets, inputFacets }) => [facets, inputFacets]),
    ...outputs.flatMap(({ facets, outputFacets }) => [facets, outputFacets]),
  ].flatMap((facets) => Object.keys(facets ?? {}));

test('the client of OpenLineage itself knows every event and every facet that runs tell', () => {
  const events = everyKindOfRun().flatMap(({ told }) => told);

  expect(openLineageProblems(events)).toEqual([]);
  expect(new Set(events.map(({ eventType, job }) => `${eventType} ${job.name}`)).size).toBe(8);
  expect([...new Set(events.flatMap(facetsOf))].sort()).toEqual([
    'dataQualityMetrics',
    'errorMessage',
    'jobType',
    'nominalTime',
    'outputStatistics',
    'parent',
    'schema',
    'vigil_trace',
  ]);
});

test('what the specification does not know is found', () => {
  const [event] = aLineageRun().begin();
  const { nominalTime } = event!.run.facets;
  const broken = {
    ...event!,
    eventType: 'ENDED',
    run: { runId: 'no-uuid', facets: { nominalTime: { ...nominalTime, nominalStartTime: 'soon' }, trace: {} } },
  };

  expect(openLineageProblems([broken]).map((problem) => problem.split(':')[0])).toEqual([
    'event.run.runId',
    'event.run.facets.nominalTime.nominalStartTime',
    'event.run.facets.trace',
    'event.run.facets.trace._producer',
    'event.run.facets.trace._schemaURL',
    'event.eventType',
  ]);
});
