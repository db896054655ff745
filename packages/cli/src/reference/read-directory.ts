import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VigilError, type NamedKey } from '@vigil/core';
import { readCsv, type Columns, type CsvRead, type CsvRow, type RowOf } from './read-csv.ts';
import type { ReferenceProblem } from './reference-problem.ts';
import { spanProblems, type ReadRecords, type ReferenceRecord } from './reference-record.ts';
import { authorizationColumns, coverageColumns, memberColumns, otherPayerColumns, readMembers } from './tables/member-table.ts';
import { benefitColumns, planColumns, readPlans } from './tables/plan-table.ts';
import { simpleTables } from './tables/simple-tables.ts';

const memberFiles = ['members', 'coverage', 'other-payers', 'authorizations'];
const planFiles = ['plans', 'benefits'];

/** Every table that a directory may hold. */
export const tableNames: readonly string[] = [...simpleTables.map(({ name }) => name), ...planFiles, ...memberFiles];

/** `codes.csv`, or in parts `codes.icd.csv`, `codes.hcpcs.csv`. */
const tableOfFile = (file: string): string => file.split('.')[0] as string;

async function filesOf(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch((cause: unknown) => {
    throw new VigilError('BAD_USAGE', { detail: `${directory} cannot be read.`, cause });
  });
  return names.filter((name) => name.endsWith('.csv')).sort();
}

/** A directory by its tables. */
interface Directory {
  readonly read: <Shape extends Columns>(table: string, columns: Shape) => CsvRead<RowOf<Shape>>;
}

async function openDirectory(directory: string, files: readonly string[]): Promise<Directory> {
  const contents = await Promise.all(
    files.map(async (file) => {
      const bytes = await readFile(join(directory, file)).catch((cause: unknown) => {
        throw new VigilError('BAD_USAGE', { detail: `${join(directory, file)} cannot be read.`, cause });
      });
      return { file, bytes };
    }),
  );
  return {
    read<Shape extends Columns>(table: string, columns: Shape) {
      const parts = contents.filter(({ file }) => tableOfFile(file) === table).map(({ file, bytes }) => readCsv(bytes, file, columns));
      return { rows: parts.flatMap(({ rows }) => rows), problems: parts.flatMap(({ problems }) => problems) };
    },
  };
}

function readSimple({ read }: Directory): ReadRecords {
  const parts = simpleTables.map(({ name, columns, recordOf }) => {
    const { rows, problems } = read(name, columns);
    return { records: rows.map((row) => recordOf(row as CsvRow<never>)), problems };
  });
  return { records: parts.flatMap(({ records }) => records), problems: parts.flatMap(({ problems }) => problems) };
}

const readPlanFiles = ({ read }: Directory): ReadRecords => readPlans(read('plans', planColumns), read('benefits', benefitColumns));

const readMemberFiles = ({ read }: Directory, key: NamedKey): ReadRecords =>
  readMembers(
    read('members', memberColumns),
    {
      coverage: read('coverage', coverageColumns),
      otherPayers: read('other-payers', otherPayerColumns),
      authorizations: read('authorizations', authorizationColumns),
    },
    key,
  );

const unknownFiles = (files: readonly string[]): ReferenceProblem[] =>
  files
    .filter((file) => !tableNames.includes(tableOfFile(file)))
    .map((file) => ({ file, line: 1, column: '', reason: `no table of that name; there are ${tableNames.join(', ')}` }));

const spans = (records: readonly ReferenceRecord[]): ReferenceProblem[] =>
  records.flatMap((record) => spanProblems(record.place, 'effective_to', record));

/**
 * Reads the CSV files of a directory into records, members by their tokens. Members come last: whoever sees one finds its plan.
 *
 * @throws VigilError BAD_USAGE where the directory or a file cannot be read
 */
export async function readDirectory(directory: string, key: NamedKey): Promise<ReadRecords> {
  const files = await filesOf(directory);
  if (files.length === 0) throw new VigilError('BAD_USAGE', { detail: `${directory} holds no CSV file.` });
  const opened = await openDirectory(directory, files);
  const parts = [readSimple(opened), readPlanFiles(opened), readMemberFiles(opened, key)];
  const records = parts.flatMap((part) => part.records);
  return { records, problems: [...unknownFiles(files), ...parts.flatMap(({ problems }) => problems), ...spans(records)] };
}
