import { VigilError } from '@vigil/core';
import { partPort } from '@vigil/stack';

/**
 * Where the windowing service tells its state: `VIGIL_WINDOWING_ADMIN_URLS` (separated by commas) in a cluster, else
 * the admin port of the local fleet.
 *
 * @throws VigilError STACK_DOWN where neither is known
 */
export function windowingAdminUrls(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  localPort: (name: string) => number | undefined = partPort,
): string[] {
  const given = environment['VIGIL_WINDOWING_ADMIN_URLS'];
  if (given !== undefined) return given.split(',');
  const port = localPort('vitals-windowing.admin');
  if (port === undefined) throw new VigilError('STACK_DOWN', { detail: 'Nobody knows which windows are open.' });
  return [`http://127.0.0.1:${port}`];
}
