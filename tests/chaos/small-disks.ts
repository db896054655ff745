import { brokerDirectory, clusterDirectory, serverUser, type StackPaths } from '@vigil/stack';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statfsSync } from 'node:fs';

/** A filesystem of its own that can be full: a tmpfs, which takes memory only for what is on it. */
export interface SmallDisk {
  /** Takes all space that is left. */
  fill(): void;
  free(): void;
  freeBytes(): number;
}

export interface SmallDisks {
  broker(id: number): SmallDisk;
  readonly database: SmallDisk;
}

/** What the system calls the source of these mounts: another checkout's are not ours to unmount. */
const labelOf = ({ home }: StackPaths): string => `vigil-chaos-${createHash('sha256').update(home).digest('hex').slice(0, 12)}`;

const roomyKiB = 6 * 1024 * 1024;
const mount = (...args: readonly string[]): void => void execFileSync('mount', args, { stdio: ['ignore', 'ignore', 'pipe'] });

function createSmallDisk(directory: string, label: string): SmallDisk {
  mkdirSync(directory, { recursive: true });
  mount('-t', 'tmpfs', '-o', `size=${roomyKiB}k`, label, directory);
  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  };
  const usedKiB = (): number => {
    const { blocks, bfree, bsize } = statfsSync(directory);
    return ((blocks - bfree) * bsize) / 1024;
  };
  return {
    fill() {
      // What is written between the look and the change makes the wanted size too small: looked at again.
      for (let tries = 0; ; tries++) {
        try {
          mount('-o', `remount,size=${usedKiB()}k`, directory);
          return;
        } catch (error) {
          if (tries >= 20) throw error;
        }
      }
    },
    free: () => mount('-o', `remount,size=${roomyKiB}k`, directory),
    freeBytes,
  };
}

/** Whether this process may mount. */
export const canMount = (): boolean => process.platform === 'linux' && process.getuid?.() === 0;

/** Puts the logs of two brokers and the database on disks of their own, before either was started. */
export async function mountSmallDisks(paths: StackPaths): Promise<SmallDisks> {
  const label = labelOf(paths);
  const broker = new Map([2, 3].map((id) => [id, createSmallDisk(brokerDirectory(paths, id), label)]));
  const database = createSmallDisk(clusterDirectory(paths.home, await serverUser()), label);
  return {
    broker(id) {
      const disk = broker.get(id);
      if (!disk) throw new RangeError(`Broker ${id} has no disk of its own; these have: ${[...broker.keys()].join(', ')}.`);
      return disk;
    },
    database,
  };
}

/** Unmounts what `mountSmallDisks` of the same stack mounted, however that run ended. */
export function unmountSmallDisks(paths: StackPaths): void {
  if (process.platform !== 'linux') return;
  for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
    const [label, directory = ''] = line.split(' ');
    if (label === labelOf(paths)) execFileSync('umount', [directory]);
  }
}
