/** What one part of a service says about itself. */
export interface PartHealth {
  /** Its loop makes progress; false means that only a restart helps. */
  readonly live: boolean;
  /** It can do its work now: assigned, restored, dependencies reachable. */
  readonly ready: boolean;
  /** Why not, as a constant of the code. */
  readonly reason?: string;
}

export type HealthProbe = () => PartHealth;

export interface HealthReport {
  readonly live: boolean;
  readonly ready: boolean;
  readonly parts: Readonly<Record<string, PartHealth>>;
}

/** Health of the process: what all of its parts say. */
export interface Health {
  /** A stage, a server, a connection pool. */
  watch(part: string, probe: HealthProbe): void;
  /** Everything is wired; from now on the parts decide. */
  started(): void;
  /** From now on not ready, whatever the parts say: the process is stopping. */
  stopping(): void;
  report(): HealthReport;
}

const asked = (probe: HealthProbe): PartHealth => {
  try {
    return probe();
  } catch {
    return { live: false, ready: false, reason: 'probe failed' };
  }
};

export function createHealth(): Health {
  let phase: 'starting' | 'running' | 'stopping' = 'starting';
  const process: HealthProbe = () => (phase === 'running' ? { live: true, ready: true } : { live: true, ready: false, reason: phase });
  const probes = new Map<string, HealthProbe>([['process', process]]);
  return {
    watch: (part, probe) => {
      probes.set(part, probe);
    },
    started: () => {
      phase = 'running';
    },
    stopping: () => {
      phase = 'stopping';
    },
    report: () => {
      const parts = Object.fromEntries([...probes].map(([part, probe]) => [part, asked(probe)]));
      const all = Object.values(parts);
      return { live: all.every((part) => part.live), ready: all.every((part) => part.ready), parts };
    },
  };
}
