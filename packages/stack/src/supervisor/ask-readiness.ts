import { fleet } from '../fleet.ts';
import { httpAnswers } from '../probes.ts';

export interface AskedPart {
  readonly name: string;
  readonly port: number | null;
  readonly state: string;
}

/** Whether a running part of the fleet says of itself that it does its work. */
export const isReady = async ({ name, port, state }: AskedPart): Promise<boolean> => {
  const path = fleet.find((part) => part.name === name)?.readyPath;
  return state === 'running' && path !== undefined && httpAnswers(`http://127.0.0.1:${port}${path}`).catch(() => false);
};

/** Parts with their own word on whether they are ready. */
export const askReadiness = async <Part extends AskedPart>(parts: readonly Part[]): Promise<(Part & { ready: boolean })[]> =>
  Promise.all(parts.map(async (part) => ({ ...part, ready: await isReady(part) })));
