// docs/reference/settings.md and metrics.md, from what every service exports; claim-rules.md, from the list of rules; the OpenAPI
// document of the orchestrator, from its routes.
import { globSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  engineEvents,
  metricsReference,
  settingsReference,
  type DocumentedSettings,
  type EventsDefinition,
} from '../packages/runtime/src/index.ts';
import { openApiDocument } from '../services/orchestrator/src/api/openapi-document.ts';
import { claimRulesReference } from '../services/claims-validator/src/domain/claim-rules-reference.ts';

interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/** What a service's `src/index.ts` exports for the reference. */
interface ServiceExports {
  readonly settings?: DocumentedSettings;
  readonly events?: EventsDefinition;
  /** Of a second program of the same service. */
  readonly workerSettings?: DocumentedSettings;
  readonly workerEvents?: EventsDefinition;
}

/** Defaults that lie in this checkout are told as its readers know them: relative to its root. */
const relativeTo = (root: string, text: string): string => text.replaceAll(`${resolve(root)}/`, '');

const present = <Value>(values: readonly (Value | undefined)[]): Value[] => values.filter((value) => value !== undefined);

/** The reference of settings, metrics, claim rules and the orchestrator's API; services are found by their `src/index.ts`, in alphabetical order. */
export async function generateRuntimeReference(root: string): Promise<GeneratedFile[]> {
  const files = globSync('services/*/src/index.ts', { cwd: root }).sort();
  const services = await Promise.all(files.map(async (file) => (await import(pathToFileURL(join(root, file)).href)) as ServiceExports));
  return [
    {
      path: 'docs/reference/settings.md',
      text: relativeTo(root, settingsReference(present(services.flatMap(({ settings, workerSettings }) => [settings, workerSettings])))),
    },
    {
      path: 'docs/reference/metrics.md',
      text: metricsReference([engineEvents, ...present(services.flatMap(({ events, workerEvents }) => [events, workerEvents]))]),
    },
    { path: 'docs/reference/claim-rules.md', text: claimRulesReference() },
    { path: 'docs/reference/orchestrator-api.openapi.json', text: `${JSON.stringify(openApiDocument(), null, 2)}\n` },
  ];
}
