import { fileURLToPath } from 'node:url';
import { loadWorkflowDefinition, monitoringParametersOf } from '@vigil/definitions';
import { createClinicalRules } from '../src/clinical-rules.ts';
import { settings } from '../src/config.ts';
import type { ClinicalRules } from '../src/domain/rules.ts';

const definitionFile = fileURLToPath(new URL('../../../workflows/definitions/patient_monitoring_workflow.yaml', import.meta.url));

export const parameters = monitoringParametersOf(loadWorkflowDefinition(definitionFile));

/** Settings as the service reads them, of the environment given over what every service needs. */
export const settingsOf = (env: Readonly<Record<string, string>> = {}) =>
  settings.parse({ VIGIL_KAFKA_BROKERS: 'localhost:9092', VIGIL_SCHEMA_REGISTRY_URL: 'http://localhost:8080', ...env });

/** The rules as the customer's definition and the defaults make them. */
export const rulesWith = (env: Readonly<Record<string, string>> = {}): ClinicalRules => createClinicalRules(parameters, settingsOf(env));
