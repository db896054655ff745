import type { RunInput } from '@vigil/workflows';
import type { Ground } from '../ground.ts';
import { inputsOf } from './run-rows.ts';
import { until } from './until.ts';

/** Starts a run, however often it has to be said; the key makes it one. @returns its id */
export function requestRun(ground: Ground, workflow: string): Promise<string> {
  return until(`a run of ${workflow} is requested`, async () => {
    const answer = await ground.call('POST', '/v1/runs', { workflow, by: 'kills' }, { 'Idempotency-Key': workflow });
    return answer && answer.status < 300 ? (answer.body as { runId: string }).runId : undefined;
  });
}

export interface Order {
  /** Behind `/v1/runs/{run}/`. */
  readonly path: string;
  readonly body?: object;
  /** The input that it becomes. */
  readonly kind: RunInput['kind'];
}

/**
 * Orders something of a run until its history says that it counted: who gets no answer looks first and asks again only where
 * it did not.
 */
export async function order(ground: Ground, runId: string, { path, body = {}, kind }: Order): Promise<void> {
  await until(`${kind} counts`, async () => {
    if (((await inputsOf(ground, runId))[kind] ?? 0) > 0) return true;
    const answer = await ground.call('POST', `/v1/runs/${runId}/${path}`, { by: 'ann', reason: 'asked', ...body });
    if (answer && answer.status >= 400 && answer.status < 500 && answer.status !== 409) throw new Error(JSON.stringify(answer.body));
    return undefined;
  });
}

/** Lets the schedules of a workflow start no further run. */
export async function disable(ground: Ground, workflow: string): Promise<void> {
  await until(`${workflow} is disabled`, async () => {
    const answer = await ground.call('POST', `/v1/workflows/${workflow}/disable`, { by: 'kills' });
    return answer?.status === 200 ? true : undefined;
  });
}
