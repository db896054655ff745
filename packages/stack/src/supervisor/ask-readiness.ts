import { fleet } from '../fleet.ts';

export interface AskedPart {
  readonly name: string;
  readonly port: number | null;
  readonly state: string;
}

/** What a part of the fleet says of itself. */
export interface Readiness {
  readonly ready: boolean;
  /** Why it does not do its work, in its own word (`halted`, `restoring`, …); null = it does, or does not say. */
  readonly reason: string | null;
}

const notAsked: Readiness = { ready: false, reason: null };

/**
 * The first reason in the body of `/health/ready`. `halted` only where nothing else is on its way: of two stages in one
 * process one may stand out of its group and the other still be joining.
 */
function reasonIn(body: unknown): string | null {
  const { parts } = (body ?? {}) as { parts?: Record<string, { reason?: unknown } | null> };
  const told = Object.entries(parts ?? {}).flatMap(([name, part]) =>
    typeof part?.reason === 'string' ? [[name, part.reason] as const] : [],
  );
  const halted = new Set(told.filter(([, reason]) => reason === 'halted').map(([name]) => name));
  // That its process is starting and its stage joining follows from the halt.
  const other = told.find(
    ([name, reason]) => reason !== 'halted' && (halted.size === 0 || !(name === 'process' || halted.has(`${name} limits`))),
  );
  return other?.[1] ?? (halted.size > 0 ? 'halted' : null);
}

async function ask(url: string): Promise<Readiness> {
  const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
  if (response.ok) return { ready: true, reason: null };
  return { ready: false, reason: reasonIn(await response.json().catch(() => null)) };
}

/** Whether a running part of the fleet says of itself that it does its work, and why not. */
export const askPart = async ({ name, port, state }: AskedPart): Promise<Readiness> => {
  const path = fleet.find((part) => part.name === name)?.readyPath;
  if (state !== 'running' || path === undefined) return notAsked;
  return ask(`http://127.0.0.1:${port}${path}`).catch(() => notAsked);
};

/** Parts with their own word on whether they are ready. */
export const askReadiness = async <Part extends AskedPart>(parts: readonly Part[]): Promise<(Part & Readiness)[]> =>
  Promise.all(parts.map(async (part) => ({ ...part, ...(await askPart(part)) })));
