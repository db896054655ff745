import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** By how many milliseconds the wall clock of a service is wrong; those not named go right. */
export type ClockOffsets = Readonly<Record<string, number>>;

/** Wall clocks of the services of a fleet that was started with `clockSettings`. */
export interface Clocks {
  readonly file: string;
  set(offsets: ClockOffsets): void;
  /** By how much a process says that its clock is wrong; 0 when it never jumped. */
  told(service: string, pid: number): number;
}

/** The service that a program `services/<service>/src/main.ts` is of: a fleet may run one service as several parts. */
export const serviceOf = (main: string): string => basename(resolve(dirname(main), '..'));

/** Where a process tells what its clock shows. */
export const clockOf = (file: string, service: string, pid: number): string => `${file}.${service}.${pid}`;

export function createClocks(directory: string): Clocks {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'clocks.json');
  const set = (offsets: ClockOffsets): void => {
    writeFileSync(`${file}.tmp`, JSON.stringify(offsets));
    renameSync(`${file}.tmp`, file);
  };
  set({});
  return {
    file,
    set,
    told(service, pid) {
      try {
        return Math.round(Number(readFileSync(clockOf(file, service, pid), 'utf8')) / 1_000) * 1_000;
      } catch {
        return 0;
      }
    },
  };
}

/** What makes the services of a fleet take their wall clocks from `clocks`. */
export const clockSettings = ({ file }: Clocks): Record<string, string> => ({
  VIGIL_CHAOS_CLOCK: file,
  VIGIL_NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, 'jump-clock.ts')).href}`,
});
