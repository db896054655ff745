import { expect, test } from '@jest/globals';
import { identityContext, topics, type IdentityObserved } from '@vigil/contracts';
import { eventIdOf, tokenOf, unseal } from '@vigil/core';
import { aParsedClaim, aPerson, serviceDay } from '../test-support/parsed-claims.ts';
import { aLine } from '../test-support/records.ts';
import { dataKey, driveIntake, tokenKey } from '../test-support/intake.ts';

const policyToken = tokenOf(tokenKey, 'policy', 'POL_123456');
const patientToken = tokenOf(tokenKey, 'patient', 'PAT_12345');
const opened = ({ patientToken: owner, keyId, sealed }: IdentityObserved): unknown =>
  JSON.parse(unseal(dataKey, identityContext(owner, keyId), sealed).toString('utf8'));

test('a claim goes on under its policy’s token, in cents and days, with nobody’s name', async () => {
  const ward = driveIntake();
  await ward.submit(aParsedClaim({ patient: aPerson({ lastName: 'Roe', firstName: 'Jane' }) }));

  const [record] = ward.driver.records(topics.claimSubmitted);
  expect(record).toMatchObject({
    key: policyToken,
    value: {
      submissionId: eventIdOf({ topic: topics.claimReceived.name, partition: 0, offset: 0 }),
      policyToken,
      patientToken,
      nameToken: tokenOf(tokenKey, 'name', 'ROE|JANE'),
      claimId: 'CLM_789012',
      standing: 'first',
      totalCents: 15_000,
      serviceFrom: serviceDay,
      receivedOn: serviceDay,
      lines: [{ line: 1, procedureCode: '99213', chargeCents: 15_000, unitsThousandths: 1000 }],
      problems: [],
    },
  });
  const written = JSON.stringify(record?.value);
  for (const secret of ['PAT_12345', 'POL_123456', 'Roe', 'Jane']) expect(written).not.toContain(secret);
});

test('the day that the sender told as that of receipt stays; without a policy the patient’s token orders', async () => {
  const ward = driveIntake();
  await ward.submit(aParsedClaim({ receivedOn: 19_700, policyNumber: '' }));

  expect(ward.driver.records(topics.claimSubmitted)[0]).toMatchObject({
    key: patientToken,
    value: { receivedOn: 19_700, policyToken: '' },
  });
});

test('an exact repeat is a duplicate, also after a restart', async () => {
  const ward = driveIntake();
  await ward.submit(aParsedClaim(), aParsedClaim());
  await ward.driver.restart();
  await ward.submit(aParsedClaim());

  expect(ward.submitted()).toHaveLength(1);
  expect(ward.counts()).toEqual({ processed: 1, duplicate: 2, rejected: 0 });
});

test('the same claim id with other content is told as conflicting and replaces nothing; sent again it is a duplicate of itself', async () => {
  const ward = driveIntake();
  const tampered = aParsedClaim({ totalCents: 95_000, lines: [aLine({ chargeCents: 95_000 })] });
  await ward.submit(aParsedClaim(), tampered, tampered, aParsedClaim());

  expect(ward.submitted().map(({ standing, totalCents }) => [standing, totalCents])).toEqual([
    ['first', 15_000],
    ['conflicting', 95_000],
  ]);
  expect(ward.counts()).toMatchObject({ processed: 2, duplicate: 2 });
});

test('tampering is seen whatever the policy says it belongs to', async () => {
  const ward = driveIntake({ partitions: 4 });
  await ward.submit(aParsedClaim(), aParsedClaim({ policyNumber: 'POL_OTHER' }));

  expect(
    ward
      .submitted()
      .map(({ standing }) => standing)
      .sort(),
  ).toEqual(['conflicting', 'first']);
});

test('the same id of two billing providers is two claims', async () => {
  const ward = driveIntake();
  await ward.submit(aParsedClaim({ scope: '1234567893' }), aParsedClaim({ scope: '1993999998', totalCents: 1 }));

  expect(ward.submitted().map(({ standing }) => standing)).toEqual(['first', 'first']);
});

test('a replacement or a void under the same id is no conflict, and is taken once', async () => {
  const ward = driveIntake();
  const replacement = aParsedClaim({ frequency: 'replacement', originalClaimId: 'CLM_789012', totalCents: 14_000 });
  const voided = aParsedClaim({ frequency: 'void', originalClaimId: 'CLM_789012' });
  await ward.submit(aParsedClaim(), replacement, replacement, voided, voided, aParsedClaim());

  expect(ward.submitted().map(({ standing, frequency }) => [standing, frequency])).toEqual([
    ['first', 'original'],
    ['first', 'replacement'],
    ['first', 'void'],
  ]);
});

test('what cannot be read and what has no id is quarantined byte for byte, and nothing of it is remembered', async () => {
  let code: 'NOT_JSON' | null = 'NOT_JSON';
  const ward = driveIntake({ rules: { readClaim: () => (code === null ? { ok: true, claim: aParsedClaim() } : { ok: false, code }) } });
  await ward.driver.pipe(topics.claimReceived, { key: 'CLM', value: '{"claim_id": ' });
  code = null;
  await ward.driver.requeue(topics.claimReceived);
  await ward.driver.requeue(topics.claimReceived);

  expect(ward.driver.quarantined()).toMatchObject([{ code: 'NOT_JSON', value: Buffer.from('{"claim_id": ') }]);
  expect(ward.submitted()).toHaveLength(1);

  const nameless = driveIntake();
  await nameless.submit(aParsedClaim({ claimId: '' }));
  expect(nameless.driver.quarantined().map((letter) => letter.code)).toEqual(['MISSING_ID']);
});

test('what breaks the workflow’s rules goes on with its problems', async () => {
  const told: string[] = [];
  const observer = { submitted: ({ format, standing }: { format: string; standing: string }) => void told.push(`${format} ${standing}`) };
  const ward = driveIntake({ rules: { observer } });
  const known = { level: '2', code: 'BAD_AMOUNT', field: 'amount', line: 1 } as const;
  await ward.submit(aParsedClaim({ totalCents: -1, serviceFrom: null, problems: [known] }));

  expect(ward.submitted()[0]?.problems).toEqual([
    known,
    { level: 'workflow', code: 'REQUIRED_FIELD', field: 'service_date', line: 0 },
    { level: 'workflow', code: 'AMOUNT_RANGE', field: 'total_amount', line: 0 },
  ]);
  expect(told).toEqual(['json first']);
});

test('what a claim tells of its patient is sealed once per change', async () => {
  const ward = driveIntake();
  const jane = aPerson({ lastName: 'Roe', firstName: 'Jane', birthDate: -7121, address: '1 Elm St', zip: '02139' });
  await ward.submit(
    aParsedClaim({ claimId: 'A', patient: jane }),
    aParsedClaim({ claimId: 'B', patient: jane }),
    aParsedClaim({ claimId: 'C', patient: { ...jane, zip: '02140' } }),
  );

  const told = ward.identities().map(({ value }) => value);
  // 7,121 days before 1970: 19 years with 5 leap days are 6,940, and 181 days before 1951 begins the 4th of July 1950.
  expect(told.map(opened)).toEqual([
    { patient_id: 'PAT_12345', name: 'Jane Roe', birth_date: '1950-07-04', address: '1 Elm St', zip: '02139' },
    { patient_id: 'PAT_12345', name: 'Jane Roe', birth_date: '1950-07-04', address: '1 Elm St', zip: '02140' },
  ]);
  expect(told[0]).toMatchObject({ patientToken, source: 'claims', told: 5 });
});

test('a claim that tells less has a key of its own: compaction keeps what told more', async () => {
  const ward = driveIntake();
  await ward.submit(
    aParsedClaim({ claimId: 'A', patient: aPerson({ lastName: 'Roe' }) }),
    aParsedClaim({ claimId: 'B' }),
    aParsedClaim({ claimId: 'C', patient: aPerson({ id: '' }) }),
  );

  expect(ward.identities().map(({ key, value }) => [key, value.told])).toEqual([
    [`${patientToken} claims name+patient_id`, 2],
    [`${patientToken} claims patient_id`, 1],
  ]);
});

test('a claim of a thousand lines passes', async () => {
  const ward = driveIntake();
  const lines = Array.from({ length: 1000 }, (_, at) => aLine({ line: at + 1, chargeCents: 100 }));
  await ward.submit(aParsedClaim({ lines, totalCents: 100_000 }));

  expect(ward.submitted()[0]?.lines).toHaveLength(1000);
});
