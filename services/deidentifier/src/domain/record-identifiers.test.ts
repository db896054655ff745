import { expect, test } from '@jest/globals';
import { schemas } from '@vigil/contracts';
import { aReading } from '../../test-support/samples.ts';
import { identifierReader } from './record-identifiers.ts';

const read = identifierReader(schemas.readingAccepted);

test('ids, tokens and long names of places count as identifiers, however they are spelt', () => {
  expect(read({ ...aReading({ ward: 'ICU', room: '7' }) })).toEqual([
    aReading().eventId,
    aReading().patientToken.toLowerCase(),
    'monitor_00731',
    'canary general hospital',
  ]);
});

test('texts too short to mean anything, and what is no text, do not', () => {
  expect(read({ eventId: 'abc', patientToken: 7, hospital: 'critical' })).toEqual([]);
});

test('a claim id of four characters may be a part of any code: it does not count', () => {
  const claimIds = identifierReader(schemas.claimAdjudicated);
  expect(claimIds({ claimId: '9921', providerId: 'PAID' })).toEqual([]);
  expect(claimIds({ claimId: 'PAID1' })).toEqual(['paid1']);
});
