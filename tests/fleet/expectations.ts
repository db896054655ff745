import { expect } from '@jest/globals';
import { query, type StackEnv } from './fleet.ts';
import { idOf, type Workload } from './workload.ts';

/** `device@millisecond` of every stored reading of a workload's devices, in no order, repeats kept. */
export async function storedIds(env: StackEnv, { deviceIds }: Workload): Promise<string[]> {
  const rows = await query<{ device_id: string; at: string }>(
    env.databaseUrl,
    `SELECT device_id, (extract(epoch FROM observed_at) * 1000)::bigint AS at FROM clinical.vital_reading WHERE device_id = ANY($1)`,
    [deviceIds],
  );
  return rows.map(({ device_id: deviceId, at }) => idOf(deviceId, Number(at)));
}

/** Every reading sent is stored, none twice and none that was never sent. */
export async function expectExactlyStored(env: StackEnv, workload: Workload): Promise<void> {
  const stored = await storedIds(env, workload);
  expect(stored).toHaveLength(workload.sent.size);
  expect(new Set(stored)).toEqual(workload.sent);
}
