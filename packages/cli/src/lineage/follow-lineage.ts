import type { FactRow, FactRows, FileRow, LineageRows, TrailRow } from './lineage-rows.ts';
import { notFound, type LineageStep, type LineageTree } from './lineage-tree.ts';
import type { SourceRecord, SourceRecords } from './source-records.ts';
import { tracedTables, type TracedTable } from './traced-tables.ts';

/** Where lineage is looked up; `records` only where somebody gave a reason to be shown what belongs together. */
export interface LineageSources {
  readonly rows: LineageRows;
  readonly facts: FactRows;
  readonly records: SourceRecords | null;
}

const unlinked: LineageStep = {
  step: 'end',
  state: 'source',
  note: 'not linkable without the dataset key: --reveal --reason TEXT',
};

const counted = (name: string, count: number | null): string => `${name} ${count ?? '?'}`;

function fileStep(file: FileRow, isRevealed: boolean): LineageStep {
  const { fileId, state, source, revision, read, ok, rejected, path } = file;
  const counts = [counted('read', read), counted('ok', ok), counted('rejected', rejected)].join(', ');
  return { step: 'file', id: fileId, state, note: `source ${source}, revision ${revision}, ${counts}${isRevealed ? `, ${path}` : ''}` };
}

const rangeStep = ({ topic, partition, firstOffset, lastOffset, firstLine, lastLine }: TrailRow): LineageStep => ({
  step: 'records',
  place: { topic, partition, offset: firstOffset },
  note: `to @${lastOffset}, of lines ${firstLine} to ${lastLine}`,
});

const factStep = (table: string, { id, load, topic, partition, offset }: FactRow): LineageStep => ({
  step: 'warehouse row',
  place: { topic, partition, offset },
  id,
  state: table,
  note: `load ${load}`,
});

async function fileOfRecord({ rows }: LineageSources, { place, fileId, line }: SourceRecord): Promise<readonly LineageStep[]> {
  const trail = await rows.trailAt(place);
  const id = fileId === '' ? trail?.fileId : fileId;
  const lines = line > 0 ? `line ${line}` : trail ? `a line of ${trail.firstLine} to ${trail.lastLine}` : undefined;
  const record: LineageStep = { step: 'record', place, ...(lines !== undefined && { note: lines }) };
  if (id === undefined) return [record, { step: 'end', state: 'source', note: 'it came of no file' }];
  const file = await rows.file(id);
  if (file === null) return [record, { step: 'end', state: 'file', note: `the file ledger does not know ${id}` }];
  return [record, fileStep(file, true), ...(file.runId === null ? [] : [{ step: 'run', id: file.runId } as const])];
}

/** From a row of the warehouse back to its record, file and line. */
export async function lineageOfRow(sources: LineageSources, of: TracedTable, id: string): Promise<LineageTree> {
  const subject = `${of.table} ${id}`;
  const facts = await sources.facts.byId(of, id);
  const [first] = facts;
  if (first === undefined) return notFound(subject, 'no such row');
  const steps: LineageStep[] = facts.map((fact) => factStep(of.table, fact));
  if (sources.records === null) return { subject, found: true, steps: [...steps, unlinked] };
  const records = first.sourceId === null ? [] : await sources.records.behind(of, first.sourceId, first.partition);
  if (records.length === 0)
    return {
      subject,
      found: false,
      steps: [...steps, { step: 'end', state: 'gone', note: `${of.source.name} no longer holds its record` }],
    };
  for (const record of records) steps.push(...(await fileOfRecord(sources, record)));
  return { subject, found: true, steps };
}

async function rowsOfLine(sources: LineageSources, trail: TrailRow, line: number): Promise<readonly LineageStep[]> {
  const of = tracedTables.find(({ source }) => source.name === trail.topic);
  if (of === undefined || sources.records === null) return [];
  const steps: LineageStep[] = [];
  for (const record of await sources.records.ofLine(of, trail, { fileId: trail.fileId, line })) {
    const exact = record.line > 0 ? `line ${record.line}` : `a line of ${trail.firstLine} to ${trail.lastLine}`;
    const facts = await sources.facts.bySource(of, record.rowId);
    if (facts.length > 0)
      steps.push({ step: 'record', place: record.place, note: exact }, ...facts.map((fact) => factStep(of.table, fact)));
  }
  return steps;
}

/** From a file, or one line of it, to its records and, revealed, to the rows they became. */
export async function lineageOfFile(sources: LineageSources, fileId: string, line: number | null): Promise<LineageTree> {
  const subject = `file ${fileId}${line === null ? '' : ` line ${line}`}`;
  const file = await sources.rows.file(fileId);
  if (file === null) return notFound(subject, 'the file ledger does not know it');
  const trail = (await sources.rows.trailOfFile(fileId)).filter(
    ({ firstLine, lastLine }) => line === null || (firstLine <= line && line <= lastLine),
  );
  const steps: LineageStep[] = [fileStep(file, sources.records !== null)];
  if (file.runId !== null) steps.push({ step: 'run', id: file.runId });
  if (file.score !== null) steps.push({ step: 'score', state: String(file.score) });
  for (const range of trail) steps.push(rangeStep(range), ...(line === null ? [] : await rowsOfLine(sources, range, line)));
  if (trail.length === 0) steps.push({ step: 'end', state: 'records', note: 'it left no record there' });
  else if (line !== null && sources.records === null) steps.push(unlinked);
  return { subject, found: trail.length > 0, steps };
}

/** What a run read and gave: its tasks, files and their quality. */
export async function lineageOfRun({ rows, records }: LineageSources, runId: string): Promise<LineageTree> {
  const subject = `run ${runId}`;
  const run = await rows.run(runId);
  if (run === null) return notFound(subject, 'no such run');
  const { workflow, version, status, batchId } = run;
  const steps: LineageStep[] = [{ step: 'run', id: runId, state: status, note: `${workflow} version ${version}, batch ${batchId}` }];
  for (const { task, part, state, attempt } of await rows.tasks(runId))
    steps.push({ step: 'task', id: part === 0 ? task : `${task}[${part}]`, state, note: `attempt ${attempt}` });
  for (const file of await rows.filesOfRun(runId)) steps.push(fileStep(file, records !== null));
  for (const { subject: of, score, drift, held } of await rows.scores(runId))
    steps.push({ step: 'score', id: of, state: String(score), note: `drift ${drift.toFixed(1)}${held ? ', held' : ''}` });
  return { subject, found: true, steps };
}
