import { findDefinitions } from './find-definitions.ts';
import type { OrchestratorApi } from './orchestrator-api.ts';
import type { Deployment } from './shown.ts';

export interface Deployed {
  readonly workflows: readonly (Deployment & { readonly file: string })[];
  readonly schedules: readonly { readonly file: string; readonly schedules: readonly string[] }[];
}

/**
 * Brings definitions and files of schedules into force; what is in force already stays as it is.
 *
 * @param paths  files, or folders that hold `definitions/` and `schedules/`
 * @throws VigilError BAD_DEFINITION with line and column
 */
export async function deployWorkflows(api: OrchestratorApi, paths: readonly string[], by: string): Promise<Deployed> {
  const workflows: Deployed['workflows'][number][] = [];
  const schedules: Deployed['schedules'][number][] = [];
  for (const { path: file, kind, group, text } of findDefinitions(paths)) {
    if (kind === 'definition') workflows.push({ file, ...(await api.post<Deployment>('/v1/workflows', { text, by })) });
    else schedules.push({ file, ...(await api.put<{ schedules: string[] }>(`/v1/schedules/${group}`, { text, by })) });
  }
  return { workflows, schedules };
}
