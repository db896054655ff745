import { expect, test } from '@jest/globals';
import { tokenOf } from '@vigil/core';
import { aParsedClaim, aPerson } from '../../../test-support/parsed-claims.ts';
import { claimTokenMaker } from './claim-tokens.ts';

const key = { id: 't1', secret: Buffer.alloc(32, 1) };
const claimTokensOf = claimTokenMaker(key);

test('a patient has the token that device-ingest gives', () => {
  expect(claimTokensOf(aParsedClaim())).toEqual({
    policyToken: tokenOf(key, 'policy', 'POL_123456'),
    patientToken: tokenOf(key, 'patient', 'PAT_12345'),
    memberToken: tokenOf(key, 'member', 'POL_123456\0PAT_12345'),
    subscriberToken: tokenOf(key, 'member', 'POL_123456\0PAT_12345'),
    nameToken: null,
    orderingKey: tokenOf(key, 'policy', 'POL_123456'),
  });
});

test('a member is the whole of its policy number and identifier, whatever characters they are of', () => {
  const tokens = claimTokensOf(
    aParsedClaim({ policyNumber: 'POL 7', patient: aPerson({ id: 'PAT\0A' }), subscriber: aPerson({ id: 'PAT' }) }),
  );

  expect(tokens.memberToken).toBe(tokenOf(key, 'member', 'POL 7\0PAT\0A'));
  expect(tokens.subscriberToken).toBe(tokenOf(key, 'member', 'POL 7\0PAT'));
});

test('a child and the holder of its policy are two members of one policy', () => {
  const claim = aParsedClaim({
    relationship: 'child',
    patient: aPerson({ id: 'KID', lastName: 'Roe', firstName: 'Ann' }),
    subscriber: aPerson({ id: 'MUM' }),
  });
  const tokens = claimTokensOf(claim);

  expect(tokens.memberToken).toBe(tokenOf(key, 'member', 'POL_123456\0KID'));
  expect(tokens.subscriberToken).toBe(tokenOf(key, 'member', 'POL_123456\0MUM'));
  expect(tokens.nameToken).toBe(tokenOf(key, 'name', 'ROE|ANN'));
});

test('without a policy the patient orders; a holder that is not named is the patient', () => {
  const tokens = claimTokensOf(aParsedClaim({ policyNumber: '', subscriber: aPerson({ id: '' }) }));

  expect(tokens).toMatchObject({
    policyToken: '',
    memberToken: '',
    subscriberToken: '',
    orderingKey: tokenOf(key, 'patient', 'PAT_12345'),
  });
  expect(claimTokensOf(aParsedClaim({ subscriber: aPerson({ id: '' }) })).subscriberToken).toBe(
    tokenOf(key, 'member', 'POL_123456\0PAT_12345'),
  );
});

test('two claims that name nobody are not of one patient', () => {
  const nobody = (claimId: string) => claimTokensOf(aParsedClaim({ claimId, policyNumber: '', patient: aPerson({ id: '' }) }));

  expect(nobody('A').orderingKey).not.toBe('');
  expect(nobody('A').patientToken).not.toBe(nobody('B').patientToken);
  expect(nobody('A').orderingKey).toBe(nobody('A').patientToken);
});
