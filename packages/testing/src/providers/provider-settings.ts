import { VigilError } from '@vigil/core';
import type { ProviderOptions } from './start-providers.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const webhookUrlName = 'VIGIL_PROVIDERS_WEBHOOK_URL';
const webhookSecretName = 'VIGIL_PROVIDERS_WEBHOOK_SECRET';

function portOf(env: Environment, name: string): number {
  const given = env[name] ?? '0';
  const port = Number(given);
  if (/^\d{1,5}$/.test(given) && port <= 65_535) return port;
  throw new VigilError('BAD_SETTINGS', { detail: `${name} is not a port.` });
}

/**
 * The stand-in's settings from the environment: `VIGIL_PROVIDERS_HOST` (loopback when absent), `VIGIL_PROVIDERS_PORT`, `VIGIL_PROVIDERS_SMTP_PORT` (0 or absent = any
 * free port), `VIGIL_PROVIDERS_WEBHOOK_URL` with `VIGIL_PROVIDERS_WEBHOOK_SECRET` (where acknowledgements go).
 *
 * @throws VigilError BAD_SETTINGS
 */
export function readProviderSettings(env: Environment): ProviderOptions {
  const url = env[webhookUrlName];
  const secret = env[webhookSecretName];
  if ((url === undefined) !== (secret === undefined))
    throw new VigilError('BAD_SETTINGS', { detail: `${webhookUrlName} and ${webhookSecretName} belong together.` });
  return {
    ...(env['VIGIL_PROVIDERS_HOST'] && { host: env['VIGIL_PROVIDERS_HOST'] }),
    port: portOf(env, 'VIGIL_PROVIDERS_PORT'),
    smtpPort: portOf(env, 'VIGIL_PROVIDERS_SMTP_PORT'),
    ...(url !== undefined && secret !== undefined && { webhook: { url, secret } }),
  };
}
