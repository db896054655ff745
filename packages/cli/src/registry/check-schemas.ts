import type { RegistryApi } from './registry-api.ts';
import type { Subject } from './fleet-subjects.ts';

export interface CheckedSubject {
  readonly subject: string;
  /** `new`: the registry does not know the subject; `registered`: exactly this schema; `compatible`: a new version that may be added. */
  readonly state: 'new' | 'registered' | 'compatible' | 'incompatible';
  /** Why it is incompatible, in the registry's words. */
  readonly messages: readonly string[];
}

const schemaBody = ({ schema }: Subject): object => ({ schema: JSON.stringify(schema), schemaType: 'AVRO' });

async function checkSubject(api: RegistryApi, subject: Subject): Promise<CheckedSubject> {
  const name = encodeURIComponent(subject.subject);
  if ((await api.call('GET', `/subjects/${name}/versions`)) === null) return { subject: subject.subject, state: 'new', messages: [] };
  if ((await api.call('POST', `/subjects/${name}`, schemaBody(subject))) !== null) {
    return { subject: subject.subject, state: 'registered', messages: [] };
  }
  const answer = await api.call('POST', `/compatibility/subjects/${name}/versions?verbose=true`, schemaBody(subject));
  const { is_compatible: compatible, messages = [] } = (answer ?? {}) as { is_compatible?: boolean; messages?: string[] };
  return { subject: subject.subject, state: compatible === true ? 'compatible' : 'incompatible', messages };
}

/** Holds every schema against what the registry has, without changing anything. */
export async function checkSchemas(api: RegistryApi, subjects: readonly Subject[]): Promise<CheckedSubject[]> {
  const checked: CheckedSubject[] = [];
  for (const subject of subjects) checked.push(await checkSubject(api, subject));
  return checked;
}
