import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { VigilError } from '@vigil/core';
import type { TaskResult } from '@vigil/workflows';
import { z } from 'zod';
import type { TaskExecution } from '../../executor.ts';
import type { ReportStore } from './report-store.ts';
import { smallestCell, suppressCells } from './suppress-cells.ts';
import { contentOfReport, type ReportFormat } from './write-report.ts';

const formats = {
  csv: ['csv'],
  json: ['json'],
  parquet: ['parquet'],
  pdf: ['pdf'],
  csv_and_json: ['csv', 'json'],
  pdf_and_json: ['pdf', 'json'],
} as const satisfies Record<string, readonly ReportFormat[]>;

export const publishParameters = z.strictObject({
  format: z.enum(Object.keys(formats) as [keyof typeof formats, ...(keyof typeof formats)[]]).default('csv_and_json'),
  k: z.coerce.number().int().min(smallestCell).default(smallestCell),
});

/** What was published, beside it. */
interface Manifest {
  readonly workflow: string;
  readonly version: number;
  readonly runId: string;
  readonly files: readonly { readonly name: string; readonly rows: number; readonly bytes: number; readonly sha256: string }[];
}

/** Down to the disk, so that a manifest never names what a crash took back. */
async function writeDurably(path: string, content: Buffer): Promise<void> {
  const file = await open(path, 'w', 0o640);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function manifestAt(folder: string): Promise<Manifest | null> {
  try {
    return JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

const resultOf = ({ files }: Manifest, folder: string): TaskResult => ({
  counts: { files: files.length, rows: files.reduce((sum, { rows }) => sum + rows, 0) },
  values: {
    folder,
    files,
    lineage: { inputs: [], outputs: files.map(({ name, rows, bytes }) => ({ kind: 'file', name: `${folder}/${name}`, rows, bytes })) },
  },
  ref: null,
});

export interface Publishing {
  readonly store: ReportStore;
  /** Null where none is set. */
  readonly directory: string | null;
}

/**
 * Writes all reports of the run with a manifest of their hashes: into a folder of its own that appears whole, by one
 * rename. A repeated attempt finds it there and changes nothing.
 *
 * @throws VigilError BAD_SETTINGS without a directory, NO_REPORT where the run made none
 */
export async function publishReports(
  { store, directory }: Publishing,
  { request, spec }: Pick<TaskExecution, 'request' | 'spec'>,
  { format, k }: z.infer<typeof publishParameters>,
): Promise<TaskResult> {
  if (directory === null) throw new VigilError('BAD_SETTINGS', { detail: 'VIGIL_REPORTS_DIR is not set: reports have nowhere to go.' });
  const { runId, workflow, version, epoch } = request;
  const destination = spec.type === 'output' ? spec.destination : spec.name;
  const folder = join(destination, `${workflow}-${runId}`);
  const target = join(directory, folder);
  const published = await manifestAt(target);
  if (published) return resultOf(published, folder);
  const reports = await store.ofRun(runId);
  if (reports.length === 0) throw new VigilError('NO_REPORT', { detail: `Run ${runId} made none.` });
  const staging = join(directory, destination, `.${runId}.${epoch}`);
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  const files = [];
  for (const { task, report } of reports) {
    const safe = suppressCells(report, k);
    for (const one of formats[format]) {
      const content = contentOfReport(safe, one);
      const name = `${task}.${one}`;
      await writeDurably(join(staging, name), content);
      files.push({ name, rows: safe.rows.length, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') });
    }
  }
  const manifest: Manifest = { workflow, version, runId, files };
  await writeDurably(join(staging, 'manifest.json'), Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`, 'utf8'));
  try {
    await rename(staging, target);
  } catch (error) {
    // Another attempt was faster.
    await rm(staging, { recursive: true, force: true });
    const theirs = await manifestAt(target);
    if (!theirs) throw error;
    return resultOf(theirs, folder);
  }
  return resultOf(manifest, folder);
}
