import { processUsage, type ProcessUsage } from './process-usage.ts';
import { vigil } from './bench-home.ts';

interface StatusDocument {
  readonly parts: readonly { readonly kind: string; readonly pid: number | null }[];
}

/** CPU of all services of the running fleet so far, and the sum of their peaks of memory. A restarted service counts anew. */
export async function fleetUsage(): Promise<ProcessUsage> {
  const { parts } = await vigil<StatusDocument>(['status']);
  const usages = parts.flatMap(({ kind, pid }) => (kind === 'service' && pid !== null ? [processUsage(pid)] : []));
  return {
    cpuSeconds: usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    peakMemoryMiB: usages.reduce((sum, { peakMemoryMiB }) => sum + peakMemoryMiB, 0),
  };
}
