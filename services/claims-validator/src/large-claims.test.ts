import { expect, test } from '@jest/globals';
import { allTopics, createWireEncoder, compileWriter, schemas, topics, type ClaimSubmitted } from '@vigil/contracts';
import { aClaim, aLine } from '../test-support/adjudicate-records.ts';
import { rigWithMember, type AdjudicateRig } from '../test-support/adjudicate-rig.ts';

const mebibyte = 1024 * 1024;
/** Every topic with the limits that it has in a cluster. */
const topicConfig = Object.fromEntries(allTopics({ chainPartitions: 1, replicationFactor: 1 }).map(({ name, config }) => [name, config]));
const encode = createWireEncoder();
const write = compileWriter<ClaimSubmitted>(schemas.claimSubmitted);
const bytesOf = (claim: ClaimSubmitted): number => encode(1, write, claim).length;

const longText = 'x'.repeat(60);
/** A claim of 3.9 MiB and as many questions as lines: each charges less than nothing. */
const ofLines = aClaim({
  lines: Array.from({ length: 50_000 }, (_, at) => aLine({ line: at + 1, procedureCode: longText, chargeCents: -1 })),
});
const ofDiagnoses = aClaim({ serviceFrom: null, diagnosisCodes: Array.from({ length: 800_000 }, () => 'E119') });
const ofProvider = aClaim({ serviceFrom: null, providerId: 'P'.repeat(3.9 * mebibyte) });

const open = () => rigWithMember({ topicConfig }, { requiredFields: ['service_date'], leastCents: 0 });
const isQuarantined = ({ driver }: AdjudicateRig): readonly string[] => driver.quarantined().map(({ code }) => code);

test.each([
  ['lines', ofLines],
  ['diagnoses', ofDiagnoses],
  ['the name of its provider', ofProvider],
])('a claim of 3.9 MiB of %s can wait for a person', async (_what, claim) => {
  expect(bytesOf(claim) / mebibyte).toBeGreaterThan(3.7);
  expect(bytesOf(claim) / mebibyte).toBeLessThan(3.95);
  const rig = await open();
  await rig.submit({ ...claim, totalCents: 12_000 });

  expect([isQuarantined(rig), rig.told()]).toEqual([[], ['s-C1 decision pended 0/0']]);
  // A person is asked a thousand things at most.
  expect(rig.reviews().at(-1)?.reasons.length).toBe(claim === ofLines ? 1_000 : 1);
});

test('a claim that waited is taken back as what it was, whatever was kept of its decision', async () => {
  const rig = await open();
  const diagnosisCodes = Array.from({ length: 12 }, (_, at) => `E11${at % 10}`);
  await rig.submit(aClaim({ serviceFrom: null, scope: 'S', diagnosisCodes }));
  await rig.submit(aClaim({ submissionId: 's-R', claimId: 'R', frequency: 'void', originalClaimId: 'C1', scope: 'S' }));

  const [pended, reversal] = rig.decisions();
  const { claimId, submittedClaimId, scope, providerId } = pended as NonNullable<typeof pended>;
  expect({ claimId, submittedClaimId, scope, providerId }).toEqual({
    claimId: 'C1',
    submittedClaimId: 'C1',
    scope: 'S',
    providerId: 'PROV_001',
  });
  expect(reversal).toMatchObject({
    kind: 'reversal',
    reverses: pended?.decisionId,
    claimId,
    scope,
    providerId,
    diagnosisCodes,
    pendReasons: [],
  });
  expect(rig.driver.read(topics.reviewRequested).at(-1)?.withdrawnBy).toBe('s-R');
});
