import { topics } from '@vigil/contracts';
import { defineTopology, projectedSource, sink, source, withQuickWay, type Source, type Topology } from '@vigil/kafka';
import type { ClinicalRules } from './domain/rules.ts';
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

const readings = (rules: ClinicalRules, observer: WindowingObserver): Source<Stores> =>
  rules.alerts
    ? source(topics.vitalsReadingAccepted, handleReading(rules, observer))
    : withQuickWay(projectedSource(topics.vitalsReadingAccepted, windowedFields, handleWindowed(rules, observer)), quietReadings);

/** Readings of a patient become windows and alerts; the patient registry tells who may be scored. */
export const createTopology = (rules: ClinicalRules, observer: WindowingObserver = silentWindowing): Topology =>
  defineTopology({
    name: 'vitals-windowing',
    sources: [readings(rules, observer), source(topics.patientChanged, rememberPatient)],
    sinks: [sink(topics.vitalsWindowClosed), sink(topics.vitalsWindowUpdated), sink(topics.vitalsReadingLate), sink(topics.alertRaised)],
    stores: { ward: wardStore, patients: knownPatientStore },
    onTick: lookAfterPatients(rules, observer),
  });
