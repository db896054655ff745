import { topics } from '@vigil/contracts';
import {
  defineTopology,
  parametersTable,
  projectedSource,
  sink,
  source,
  withQuickWay,
  type ParametersObserver,
  type Source,
  type Topology,
} from '@vigil/kafka';
import type { ClinicalRules } from './domain/rules.ts';
import { RulesInForce } from './domain/rules-in-force.ts';
import { handleReading } from './handlers/handle-reading.ts';
import { quietReadings } from './handlers/quiet-readings.ts';
import { handleWindowed } from './handlers/handle-windowed.ts';
import { windowedFields } from './handlers/windowed-fields.ts';
import { lookAfterPatients } from './handlers/look-after-patients.ts';
import { rememberPatient } from './handlers/remember-patient.ts';
import type { Stores } from './handlers/stores.ts';
import { silentWindowing, type WindowingObserver } from './handlers/windowing-observer.ts';
import { knownPatientStore } from './state/known-patients.ts';
import { wardStore } from './state/ward-store.ts';

/** Where versions of the workflow definition come from that take the place of what the stage was started with. */
export interface ChangingRules {
  /** Of a definition's text. @throws VigilError BAD_DEFINITION, BAD_SETTINGS where the stage cannot work by it */
  readonly rulesOf: (text: string) => ClinicalRules;
  readonly observer: ParametersObserver;
}

export const monitoringWorkflow = 'patient_monitoring_workflow';

const readings = (fixed: RulesInForce, observer: WindowingObserver): Source<Stores> =>
  fixed.rules.alerts
    ? source(topics.vitalsReadingAccepted, handleReading(fixed, observer))
    : withQuickWay(projectedSource(topics.vitalsReadingAccepted, windowedFields, handleWindowed(fixed, observer)), quietReadings(fixed));

const tablesOf = (rules: ClinicalRules, changing: ChangingRules | undefined) =>
  changing && {
    parameters: parametersTable({
      workflow: monitoringWorkflow,
      open: () => new RulesInForce(rules),
      take: (inForce, text) => inForce.take(changing.rulesOf(text)),
      observer: changing.observer,
    }),
  };

/** Readings of a patient become windows and alerts; the patient registry tells who may be scored. */
export function createTopology(rules: ClinicalRules, observer: WindowingObserver = silentWindowing, changing?: ChangingRules): Topology {
  const fixed = new RulesInForce(rules);
  const tables = tablesOf(rules, changing);
  return defineTopology({
    name: 'vitals-windowing',
    sources: [readings(fixed, observer), source(topics.patientChanged, rememberPatient)],
    sinks: [sink(topics.vitalsWindowClosed), sink(topics.vitalsWindowUpdated), sink(topics.vitalsReadingLate), sink(topics.alertRaised)],
    stores: { ward: wardStore, patients: knownPatientStore },
    ...(tables && { tables }),
    onTick: lookAfterPatients(fixed, observer),
  });
}
