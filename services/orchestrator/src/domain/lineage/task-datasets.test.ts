import { expect, test } from '@jest/globals';
import type { TaskDefinition } from '@vigil/definitions';
import type { TaskResult } from '@vigil/workflows';
import { namespaces } from './lineage.fixture.ts';
import { datasetsOf } from './task-datasets.ts';

const aSpec = (fields: Readonly<Record<string, unknown>>) => ({ name: 't', ...fields }) as unknown as TaskDefinition;
const telling = (lineage: unknown): TaskResult => ({ counts: {}, values: { lineage }, ref: null });

test.each([
  [{ type: 'batch', source: 'ehr', file_pattern: 'a_*.csv' }, ['ehr/a_*.csv']],
  [{ type: 'batch', source: 'ehr', table: 'visits' }, ['ehr/visits']],
  [{ type: 'batch', source: 'ehr' }, ['ehr']],
  [{ type: 'streaming', source: 'monitors' }, ['monitors']],
  [{ type: 'output', destination: 'd' }, []],
])('a task reads what its definition names: %j', (spec, names) => {
  const { inputs, outputs } = datasetsOf(aSpec(spec), null, namespaces);

  expect(inputs.map(({ name }) => name)).toEqual(names);
  expect(outputs).toEqual([]);
});

const output = aSpec({ type: 'output' });
const topic = (name: string) => ({ kind: 'topic', name });

test('a topic of the catalogue has its schema, another one has none; nothing is counted that was not told', () => {
  const { inputs, outputs } = datasetsOf(
    output,
    telling({ inputs: [topic('ehr.visit.recorded.v1')], outputs: [topic('somebody.elses')] }),
    namespaces,
  );

  expect(inputs[0]).toMatchObject({ namespace: 'kafka://k:9092', facets: { schema: {} } });
  expect(inputs[0]).not.toHaveProperty('inputFacets');
  expect(outputs).toEqual([{ namespace: 'kafka://k:9092', name: 'somebody.elses' }]);
});

test('columns without a count of rows are told alone', () => {
  const columns = { id: { nullCount: 0, count: 2 } };
  const { inputs } = datasetsOf(output, telling({ inputs: [{ kind: 'file', name: 'f', columns }] }), namespaces);

  expect(inputs[0]?.inputFacets?.['dataQualityMetrics']).toMatchObject({ columnMetrics: columns });
  expect(inputs[0]?.inputFacets?.['dataQualityMetrics']).not.toHaveProperty('rowCount');
});

test.each([undefined, null, 'text', {}, { inputs: 'none', outputs: [null, 1, { kind: 'topic' }, { kind: 'queue', name: 'q' }] }])(
  'what an executor tells in no form that is known is left out: %j',
  (lineage) => {
    expect(datasetsOf(output, telling(lineage), namespaces)).toEqual({ inputs: [], outputs: [] });
  },
);
