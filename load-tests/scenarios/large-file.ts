import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topics } from '@vigil/contracts';
import { openFileSource } from '@vigil/sources';
import { circumstances } from '../bench-report.ts';
import { benchDefinition, openExtraction } from '../files/open-extraction.ts';
import { writeVisitsFile } from '../files/write-visits-file.ts';
import { openBenchHome, vigil, type BenchHome } from '../measure/bench-home.ts';

const mebibyte = 1024 * 1024;
/** What a worker may take whatever the size of its file, and what a larger one may take beyond a small one. */
const bars = { peakMiB: 512, growthMiB: 128 } as const;

export interface LargeFileLoad {
  readonly mebibytes: number;
  readonly rows: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Of the process until then: it never goes down. */
  readonly peakMemoryMiB: number;
}

export interface LargeFileReport {
  readonly name: 'large-file';
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly small: LargeFileLoad;
  readonly large: LargeFileLoad;
  readonly growthMiB: number;
  readonly bars: typeof bars;
  readonly met: boolean;
}

const visitsIn = async ({ client }: BenchHome): Promise<number> =>
  (await client.admin.stableOffsets(topics.visitRecorded.name)).reduce((sum, end) => sum + end, 0);

/** One file from the folder into its topic: copied, verified, judged before it is loaded, loaded. */
async function loadFile(home: BenchHome, mebibytes: number): Promise<LargeFileLoad> {
  const root = mkdtempSync(join(tmpdir(), 'vigil-large-file-'));
  const source = openFileSource({ kind: 'folder', name: `large_${randomUUID().slice(0, 8)}`, root });
  const extraction = openExtraction(home, source, benchDefinition({ records: 'visits', format: 'csv' }));
  try {
    const rows = await writeVisitsFile(root, 'visits.csv', mebibytes * mebibyte);
    // As old as its visits, so that none of them is late.
    const writtenAt = new Date(Date.UTC(2024, 2, 29));
    utimesSync(join(root, 'visits.csv'), writtenAt, writtenAt);
    const bytes = statSync(join(root, 'visits.csv')).size;
    const before = await visitsIn(home);
    const [cpu, startedMs] = [process.cpuUsage(), performance.now()];
    const { counts } = await extraction.run({
      pattern: '*.csv',
      atOnce: 1,
      keepScores: async (_file, scores) => scores.map((score) => ({ ...score, drift: 0 })),
      qualityLimits: { minimumScore: 0.5, columns: {}, mostDrift: null },
    });
    const seconds = (performance.now() - startedMs) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const arrived = (await visitsIn(home)) - before;
    if (counts.files !== 1 || counts.read !== rows || counts.rejected !== 0 || arrived < rows)
      throw new Error(
        `Of ${rows} rows ${counts.read} were read and ${counts.rejected} rejected; ${arrived} came. ${JSON.stringify(counts)}`,
      );
    return {
      mebibytes: Math.round(bytes / mebibyte),
      rows,
      seconds: Number(seconds.toFixed(1)),
      cpuSeconds: Number(((user + system) / 1e6).toFixed(1)),
      peakMemoryMiB: Math.round(process.resourceUsage().maxRSS / 1024),
    };
  } finally {
    await extraction.close();
    rmSync(root, { recursive: true });
  }
}

/** A file of a sixteenth first, then the whole: the memory of the second says whether it depends on the size. */
export async function measureLargeFile(mebibytes: number): Promise<LargeFileReport> {
  const home = await openBenchHome({ name: 'large-file', fleet: false });
  try {
    await vigil(['db', 'migrate']);
    const small = await loadFile(home, Math.max(1, Math.round(mebibytes / 16)));
    const large = await loadFile(home, mebibytes);
    const growthMiB = large.peakMemoryMiB - small.peakMemoryMiB;
    const met = large.peakMemoryMiB <= bars.peakMiB && growthMiB <= bars.growthMiB;
    return { name: 'large-file', ...circumstances(), small, large, growthMiB, bars, met };
  } finally {
    await home.close();
  }
}

export const largeFileText = ({ small, large, growthMiB, met }: LargeFileReport): string =>
  [
    ...[small, large].map(
      ({ mebibytes, rows, seconds, cpuSeconds, peakMemoryMiB }) =>
        `${mebibytes} MiB, ${rows} rows: ${seconds} s, ${cpuSeconds} s of CPU, at most ${peakMemoryMiB} MiB of memory`,
    ),
    `${met ? 'met' : 'MISSED'}: at most ${bars.peakMiB} MiB, and ${bars.growthMiB} MiB more than the small one (${growthMiB})`,
  ].join('\n');
