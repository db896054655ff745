import type { Subject } from './fleet-subjects.ts';
import type { RegistryApi } from './registry-api.ts';

export interface RegisteredSubject {
  readonly subject: string;
  readonly id: number;
}

const rule = 'FULL_TRANSITIVE';

/** Registries differ in their global rule, which may serve others too: each subject of ours gets its own where it differs. */
async function holdToRule(api: RegistryApi, subjects: readonly Subject[]): Promise<void> {
  const global = (await api.call('GET', '/config')) as { compatibilityLevel?: string; compatibility?: string } | null;
  if ((global?.compatibilityLevel ?? global?.compatibility) === rule) return;
  for (const { subject } of subjects) await api.call('PUT', `/config/${encodeURIComponent(subject)}`, { compatibility: rule });
}

/**
 * Registers every schema; one that is there already keeps its id.
 *
 * @throws VigilError SCHEMA_MISMATCH where the registry refuses one as incompatible, REGISTRY_AWAY
 */
export async function registerSchemas(api: RegistryApi, subjects: readonly Subject[]): Promise<RegisteredSubject[]> {
  const registered: RegisteredSubject[] = [];
  for (const { subject, schema } of subjects) {
    const body = { schema: JSON.stringify(schema), schemaType: 'AVRO' };
    const answer = await api.call('POST', `/subjects/${encodeURIComponent(subject)}/versions`, body);
    registered.push({ subject, id: (answer as { id: number }).id });
  }
  await holdToRule(api, subjects);
  return registered;
}
