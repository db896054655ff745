import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { topics, type VisitRecorded } from '@vigil/contracts';
import { createValueDecoder, headerNames, textHeader, unresolvedIds } from '@vigil/kafka';
import { readTopic } from '../../fleet/read-topic.ts';
import { filesWorkflow } from '../definitions.ts';
import { deploy, type Ground } from '../ground.ts';
import { requestRun } from './orders.ts';
import { differs, type Play } from './play.ts';
import { doubled, endsAs, inputsOf, leftOver, runsOf, tasksOf } from './run-rows.ts';

const rows = 40;
const header = 'patient_id,visit_date,diagnosis_code,diagnosis_description,treatment_code,physician_id,department';
const { name: topic, schema } = topics.visitRecorded;

function dropFile(drop: string, name: string): void {
  const lines = Array.from(
    { length: rows },
    (_, row) => `PAT_${name}_${row},2024-03-0${1 + (row % 9)},I10,Hypertension,MED001,DOC_1,Cardiology`,
  );
  writeFileSync(join(drop, `.${name}.part`), `${[header, ...lines].join('\n')}\n`);
  renameSync(join(drop, `.${name}.part`), join(drop, `visits_${name}.csv`));
}

/** Visits of a run on their topic, as a reader of committed records sees them. */
async function visitsOf({ client, registry }: Ground, batchId: string, from: readonly number[]): Promise<VisitRecorded[]> {
  const records = (await readTopic(client, topic, from)).map(({ record }) => record);
  for (const id of unresolvedIds(
    records.map(({ value }) => value),
    registry,
  ))
    await registry.schemaOf(id);
  const decode = createValueDecoder(schema, registry);
  return records
    .filter((record) => textHeader(record.headers(), headerNames.batchId) === batchId)
    .map(({ value }) => decode(value as Buffer) as VisitRecorded);
}

async function effectsOf(
  ground: Ground,
  { runId, name, from }: { runId: string; name: string; from: readonly number[] },
): Promise<string[]> {
  const visits = await visitsOf(ground, runId, from);
  const lines = visits.map(({ line }) => line).toSorted((a, b) => a - b);
  const files = await ground.query(
    `SELECT state, records_ok::int AS ok, records_rejected::int AS rejected FROM orchestration.file WHERE path LIKE '%' || $1`,
    [`visits_${name}.csv`],
  );
  const published = readdirSync(join(ground.env.reportsDir, 'regulatory_reports')).filter((folder) => folder.endsWith(runId));
  return [
    ...differs(
      'visits on the topic',
      { records: visits.length, visits: new Set(visits.map(({ visitId }) => visitId)).size },
      { records: rows, visits: rows },
    ),
    ...differs('lines of the file on the topic', new Set(lines).size, rows),
    ...differs('the file in the ledger', files, [{ state: 'ARCHIVED', ok: rows, rejected: 0 }]),
    ...differs('published folders', published, [`${name}-${runId}`]),
  ];
}

const ends = { child: 'succeeded', extract: 'succeeded', publish: 'succeeded', report: 'succeeded', rest: 'succeeded', unknown: 'failed' };

/** A file becomes records, a report is made and published, a run starts a run: each once. */
export const playFiles: Play = async (ground, name) => {
  await deploy(ground, filesWorkflow(name));
  const from = await ground.client.admin.stableOffsets(topic);
  dropFile(ground.drop, name);
  const runId = await requestRun(ground, name);
  await endsAs(ground, runId, 'succeeded');
  const tasks = await tasksOf(ground, runId);
  const children = await ground.query<{ runId: string; status: string }>(
    'SELECT run_id AS "runId", status FROM orchestration.run WHERE parent_run_id = $1',
    [runId],
  );
  const { requested, 'child-ended': childEnded } = await inputsOf(ground, runId);
  return [
    ...differs('tasks', Object.fromEntries(tasks.map(({ task, state }) => [task, state])), ends),
    ...differs('runs', (await runsOf(ground, name)).length, 1),
    ...differs(
      'runs that it started',
      children.map(({ status }) => status),
      ['succeeded'],
    ),
    ...differs('inputs that count', { requested, childEnded }, { requested: 1, childEnded: 1 }),
    ...(await doubled(ground, runId)),
    ...(await effectsOf(ground, { runId, name, from })),
    ...(await leftOver(ground, [runId, ...children.map((child) => child.runId)])),
  ];
};
