import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topics } from '@vigil/contracts';
import { openFileSource, type FileSource } from '@vigil/sources';
import { startSftpServer } from '@vigil/testing';
import { circumstances, median } from '../bench-report.ts';
import { benchDefinition, openExtraction } from '../files/open-extraction.ts';
import { writeClaimFiles } from '../files/write-claim-files.ts';
import { openBenchHome, vigil, type BenchHome } from '../measure/bench-home.ts';

/** The customer asks for 100 files a minute; the aim is ten times as much. */
const floorPerMinute = 1_000;

export interface FilesRound {
  readonly source: 'local' | 'sftp';
  readonly files: number;
  readonly records: number;
  readonly seconds: number;
  readonly filesPerMinute: number;
  readonly throughput: number;
  /** Of this side, however busy the machine is. */
  readonly cpuMsPerFile: number;
  readonly cpuSecondsPerMillion: number;
  readonly peakMemoryMiB: number;
}

export interface FilesReport {
  readonly name: 'files';
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly records: number;
  readonly rounds: readonly FilesRound[];
  readonly throughput: number;
  readonly cpuSecondsPerMillion: number;
  readonly peakMemoryMiB: number;
  readonly filesPerMinute: Readonly<Record<FilesRound['source'], number>>;
  readonly floorPerMinute: number;
  readonly met: boolean;
}

const claimsPerFile = 20;
/** As the executor of a worker does. */
const atOnce = 16;

interface Place {
  readonly kind: FilesRound['source'];
  readonly source: FileSource;
  readonly root: string;
  close(): Promise<void>;
}

async function openPlace(kind: FilesRound['source']): Promise<Place> {
  const name = `bench_${kind}_${randomUUID().slice(0, 8)}`;
  if (kind === 'local') {
    const root = mkdtempSync(join(tmpdir(), 'vigil-bench-files-'));
    return { kind, root, source: openFileSource({ kind: 'folder', name, root }), close: async () => rmSync(root, { recursive: true }) };
  }
  const server = await startSftpServer();
  const source = openFileSource({ ...server, kind: 'sftp', name, credential: { privateKey: server.privateKey } });
  const close = async (): Promise<void> => {
    await source.close();
    await server.stop();
  };
  return { kind, root: server.root, source, close };
}

/** Records of claims in their topic. */
const claimsIn = async ({ client }: BenchHome): Promise<number> =>
  (await client.admin.stableOffsets(topics.claimReceived.name)).reduce((sum, end) => sum + end, 0);

/** From files that lie there to records in the topic, each file staged, verified, loaded, archived. */
async function measureRound(home: BenchHome, kind: FilesRound['source'], files: number): Promise<FilesRound> {
  const place = await openPlace(kind);
  const extraction = openExtraction(home, place.source, benchDefinition({ records: 'claims', format: 'json' }));
  try {
    const records = writeClaimFiles(place.root, { files, claimsPerFile, seed: randomUUID().slice(0, 8) });
    const before = await claimsIn(home);
    const cpu = process.cpuUsage();
    const startedMs = performance.now();
    const { counts } = await extraction.run({ pattern: 'claims_*.json', atOnce });
    const seconds = (performance.now() - startedMs) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const arrived = (await claimsIn(home)) - before;
    if (counts.files !== files || counts.written !== records || arrived < records)
      throw new Error(
        `Of ${files} files with ${records} claims ${counts.files} with ${counts.written} were loaded; ${arrived} records came.`,
      );
    return {
      source: kind,
      files,
      records,
      seconds: Number(seconds.toFixed(2)),
      filesPerMinute: Math.round((files * 60) / seconds),
      throughput: Math.round(records / seconds),
      cpuMsPerFile: Number(((user + system) / 1000 / files).toFixed(1)),
      cpuSecondsPerMillion: Number(((user + system) / records).toFixed(1)),
      peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    };
  } finally {
    await extraction.close();
    await place.close();
  }
}

/** @param files  a round */
export async function measureFiles(files: number, rounds: number): Promise<FilesReport> {
  const home = await openBenchHome({ name: 'files', fleet: false });
  try {
    await vigil(['db', 'migrate']);
    const measured: FilesRound[] = [];
    for (let round = 0; round < rounds; round++)
      for (const kind of ['local', 'sftp'] as const) measured.push(await measureRound(home, kind, files));
    const of = (kind: FilesRound['source']): number =>
      Math.round(median(measured.filter(({ source }) => source === kind).map(({ filesPerMinute }) => filesPerMinute)));
    const medianOf = (pick: (round: FilesRound) => number): number => median(measured.map(pick));
    const filesPerMinute = { local: of('local'), sftp: of('sftp') };
    return {
      name: 'files',
      ...circumstances(),
      records: measured[0]?.records ?? 0,
      rounds: measured,
      throughput: Math.round(medianOf(({ throughput }) => throughput)),
      cpuSecondsPerMillion: medianOf(({ cpuSecondsPerMillion }) => cpuSecondsPerMillion),
      peakMemoryMiB: medianOf(({ peakMemoryMiB }) => peakMemoryMiB),
      filesPerMinute,
      floorPerMinute,
      met: Math.min(filesPerMinute.local, filesPerMinute.sftp) >= floorPerMinute,
    };
  } finally {
    await home.close();
  }
}

export const filesText = ({ filesPerMinute, throughput, floorPerMinute: floor, met, rounds }: FilesReport): string =>
  [
    ...rounds.map(
      ({ source, files, seconds, filesPerMinute: rate, cpuMsPerFile }) =>
        `${source.padEnd(6)}${files} files in ${seconds} s: ${rate} a minute, ${cpuMsPerFile} ms of CPU each`,
    ),
    `files a minute: ${filesPerMinute.local} from a folder, ${filesPerMinute.sftp} from SFTP; ${throughput} records/s`,
    `${met ? 'met' : 'MISSED'}: at least ${floor} files a minute`,
  ].join('\n');
