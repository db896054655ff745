import { topics } from '@vigil/contracts';
import { defineTopology, rawSource, sink } from '@vigil/kafka';
import { recentMessagesStore } from './dedupe/recent-messages-store.ts';
import { handlePatient, type PatientRules } from './handlers/handle-patient.ts';
import { handleReading, type ReadingRules } from './handlers/handle-reading.ts';

/** What devices and hospitals write to. */
export const sourceTopics = [topics.vitalsReadingReceived.name, topics.patientsRecordReceived.name] as const;

/** The first stage: what devices and hospitals send is judged, and identity leaves the stream. */
export const createTopology = (rules: ReadingRules & PatientRules) =>
  defineTopology({
    name: 'device-ingest',
    // The sources share a task and no key: `recentMessages` belongs to readings alone.
    stores: { recentMessages: recentMessagesStore },
    sources: [
      rawSource(topics.vitalsReadingReceived, handleReading(rules)),
      rawSource(topics.patientsRecordReceived, handlePatient(rules)),
    ],
    sinks: [sink(topics.vitalsReadingAccepted, 'key'), sink(topics.patientChanged, 'key'), sink(topics.identityObserved, 'key')],
  });
