import { VigilError } from '@vigil/core';
import { fleetStatus, type FleetPartStatus } from '@vigil/stack';

const service = 'vitals-windowing';

/**
 * Where the windowing service tells its state: `VIGIL_WINDOWING_ADMIN_URLS` (separated by commas) in a cluster, else
 * the admin port of the local fleet.
 *
 * @throws VigilError STACK_DOWN where it does not run
 */
export function windowingAdminUrls(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  local: () => readonly Pick<FleetPartStatus, 'name' | 'port' | 'state'>[] = fleetStatus,
): string[] {
  const given = environment['VIGIL_WINDOWING_ADMIN_URLS'];
  if (given !== undefined) return given.split(',');
  const part = local().find(({ name, state }) => name === service && state === 'running');
  if (!part?.port)
    throw new VigilError('STACK_DOWN', { detail: `${service} does not run, so nobody knows which windows are open: vigil up.` });
  return [`http://127.0.0.1:${part.port}`];
}
