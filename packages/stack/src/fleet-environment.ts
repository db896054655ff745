import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FleetPart } from './fleet.ts';
import { portOf } from './native/part-context.ts';
import { repositoryRoot, type StackPaths } from './paths.ts';
import type { StackEnv } from './stack-env.ts';

export interface FleetSurroundings {
  readonly env: StackEnv;
  readonly ports: Readonly<Record<string, number>>;
  readonly paths: StackPaths;
}

/** What every service of the fleet is told; each reads of it what it has a setting for. */
const shared = ({ env, paths }: FleetSurroundings): Record<string, string> => ({
  // Ten programs of the same sources: each is compiled once for all of them and for the next start.
  NODE_COMPILE_CACHE: join(paths.cache, 'compiled'),
  VIGIL_KAFKA_BROKERS: env.kafkaBrokers,
  VIGIL_SCHEMA_REGISTRY_URL: env.schemaRegistryUrl,
  VIGIL_DATABASE_URL: env.databaseUrl,
  VIGIL_WAREHOUSE_URL: env.warehouseUrl,
  VIGIL_REDIS_URL: env.redisUrl,
  VIGIL_KEYS_FILE: env.keysFile,
  VIGIL_GATEWAY_API_KEY_FILE: env.gatewayApiKeyFile,
  VIGIL_PAGERDUTY_URL: env.pagerUrl,
  VIGIL_SLACK_URL: env.pagerUrl,
  VIGIL_SMTP_URL: env.smtpUrl,
  VIGIL_WORKFLOWS_DIR: join(repositoryRoot, 'workflows'),
  VIGIL_LAKE_DIR: join(paths.home, 'lake'),
  VIGIL_ARCHIVE_DIR: join(paths.home, 'archive'),
  VIGIL_REPORTS_DIR: env.reportsDir,
  VIGIL_STAGING_DIR: join(paths.home, 'staging'),
});

/** The secret that the stand-in signs with, so that alert-router takes its acknowledgements for PagerDuty's. */
const webhookSecret = (): string => {
  const keys = JSON.parse(readFileSync(join(repositoryRoot, 'infra/alerting/stand-in-keys.json'), 'utf8')) as { webhookSecrets: [string] };
  return keys.webhookSecrets[0];
};

/** The environment of one part of the fleet on the local stack. */
export const fleetEnvironment = (part: FleetPart, surroundings: FleetSurroundings): Record<string, string> => {
  const { env, ports } = surroundings;
  const port = (name: string): string => String(portOf(ports, name));
  if (part.role === 'provider') {
    return {
      VIGIL_PROVIDERS_PORT: port('pager'),
      VIGIL_PROVIDERS_SMTP_PORT: port('smtp'),
      VIGIL_PROVIDERS_WEBHOOK_URL: `http://127.0.0.1:${port('alert-router.webhook')}/v1/webhooks/pagerduty`,
      VIGIL_PROVIDERS_WEBHOOK_SECRET: webhookSecret(),
    };
  }
  const admin = {
    ...shared(surroundings),
    VIGIL_ADMIN_PORT: port(part.ports[0]),
    VIGIL_MEMBER_DIR: join(surroundings.paths.home, 'members', part.name),
  };
  switch (part.name) {
    case 'device-ingest':
      return { ...admin, VIGIL_GATEWAY_PORT: new URL(env.gatewayUrl).port };
    case 'orchestrator':
      return { ...admin, VIGIL_ORCHESTRATOR_API_PORT: port('orchestrator.api'), VIGIL_ORCHESTRATOR_API_KEY_FILE: env.gatewayApiKeyFile };
    case 'alert-router':
      return { ...admin, VIGIL_WEBHOOK_PORT: port('alert-router.webhook') };
    default:
      return admin;
  }
};
