import { expect, test } from '@jest/globals';
import { createTopology, events, settings } from './index.ts';
import { rulesWith } from '../test-support/test-rules.ts';

test('the service offers its settings, events and topology as values', () => {
  expect(settings.service).toBe('vitals-windowing');
  expect(Object.keys(events.declared)).toEqual(['rulesLoaded', 'rulesChanged', 'rulesRefused', 'alertChanged', 'openWindows']);
  expect(createTopology(rulesWith()).sources.map(({ topic }) => topic.name)).toEqual([
    'vitals.reading.accepted.v1',
    'patients.patient.changed.v1',
  ]);
});
