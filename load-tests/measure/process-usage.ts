import { readFileSync } from 'node:fs';

/** Linux counts CPU in ticks of 10 ms, whatever the kernel's own rate. */
const ticksPerSecond = 100;

export interface ProcessUsage {
  readonly cpuSeconds: number;
  readonly peakMemoryMiB: number;
}

/** What the kernel counted for a process so far: user + system time of all threads, and the peak of resident memory. */
export function processUsage(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in parentheses may hold blanks; fields count from behind it: utime is the 12th, stime the 13th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    peakMemoryMiB: Number(peak ?? 0) / 1024,
  };
}
