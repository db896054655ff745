import {
  changelogTopicOf,
  schemas,
  topics,
  type BatchProgressed,
  type ClaimAdjudicated,
  type ClaimSubmitted,
  type KnownClaim,
  type MemberChanged,
  type OwnedPots,
  type ReviewDecided,
  type ReviewRequested,
} from '@vigil/contracts';
import { createValueDecoder, type MemoryBroker } from '@vigil/kafka';
import { drive, type DriverOptions, type TopologyDriver } from '@vigil/testing';
import { createAdjudicateTopology } from '../src/adjudicate-topology.ts';
import { defaultAdjudicationSettings, type AdjudicationSettings } from '../src/domain/adjudication-settings.ts';
import { aMember, aPlan, aPrice, aProvider, aReview } from './adjudicate-records.ts';

export interface AdjudicateRig {
  readonly driver: TopologyDriver;
  submit(...claims: readonly ClaimSubmitted[]): Promise<void>;
  enrol(...members: readonly MemberChanged[]): Promise<void>;
  /** Decides the newest review of a submission. */
  decide(submissionId: string, over?: Partial<ReviewDecided>): Promise<void>;
  decisions(): readonly ClaimAdjudicated[];
  /** `submission kind outcome paid/patient` of every record, in their order. */
  told(): readonly string[];
  reviews(): readonly ReviewRequested[];
  /** What changelogs say now: `owner pot planYear` → amount. */
  pots(): Readonly<Record<string, number>>;
}

/** What a compacted topic holds: the last value of each key. */
export function latestOf<Value>(broker: MemoryBroker, topic: string, schema: object, partitions = 1): Map<string, Value> {
  const decode = createValueDecoder(schema as never, { cached: () => schema } as never);
  const latest = new Map<string, Value>();
  for (let partition = 0; partition < partitions; partition++) {
    const log = broker.log({ topic, partition });
    for (const { key, value } of log.read(log.startOffset, Number.POSITIVE_INFINITY).records) {
      const name = key?.toString() ?? '';
      if (value === null) latest.delete(name);
      else latest.set(name, decode(value) as Value);
    }
  }
  return latest;
}

const group = 'claims-validator-adjudicate';

export function potsOf(broker: MemoryBroker, partitions = 1): Record<string, number> {
  const rows = latestOf<OwnedPots>(broker, changelogTopicOf(group, 'accumulators'), schemas.ownedPots, partitions);
  const entries = [...rows].flatMap(([owner, { pots }]) =>
    pots.map(({ planId, planYear, network, pot, amount }) => [`${owner} ${planId} ${network} ${pot} ${planYear}`, amount] as const),
  );
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export const claimsOf = (broker: MemoryBroker, partitions = 1): Map<string, KnownClaim> =>
  latestOf<KnownClaim>(broker, changelogTopicOf(group, 'claims'), schemas.knownClaim, partitions);

/** The least reference data: a plan, a price, a provider. */
export async function loadReference(driver: TopologyDriver): Promise<void> {
  await driver.pipe(topics.planChanged, { key: 'P|0|1', value: aPlan(), partition: 0 });
  await driver.pipe(topics.feeScheduleChanged, { key: 'IN|99213||0|1', value: aPrice(), partition: 0 });
  await driver.pipe(topics.providerChanged, { key: 'PROV_001|0|1', value: aProvider(), partition: 0 });
}

export const claimRecord = (claim: ClaimSubmitted) => ({ key: claim.policyToken || claim.patientToken, value: claim });

/** Adjudication with a plan, a price, a provider and one member, unless told otherwise. */
export async function openAdjudication(options: DriverOptions = {}, settings: Partial<AdjudicationSettings> = {}): Promise<AdjudicateRig> {
  const driver = drive(createAdjudicateTopology({ ...defaultAdjudicationSettings, ...settings }), options);
  await loadReference(driver);
  const decisions = () => driver.read(topics.claimAdjudicated);
  const reviews = () => driver.read(topics.reviewRequested);
  return {
    driver,
    submit: (...claims) => driver.pipe(topics.claimSubmitted, ...claims.map(claimRecord)),
    enrol: (...members) =>
      driver.pipe(
        topics.memberChanged,
        ...members.map((member) => ({ key: `${member.policyToken}|${member.memberToken}|${member.version}`, value: member, partition: 0 })),
      ),
    async decide(submissionId, over = {}) {
      const review = reviews().findLast((request) => request.submissionId === submissionId);
      const decided = aReview({ reviewId: review?.reviewId ?? 'none', submissionId, policyToken: review?.policyToken ?? '', ...over });
      await driver.pipe(topics.reviewDecided, { key: review?.policyToken ?? 'none', value: decided });
    },
    decisions,
    told: () =>
      decisions().map(({ submissionId, kind, outcome, paidCents, patientCents }) =>
        [submissionId, kind, outcome, `${paidCents}/${patientCents}`].join(' '),
      ),
    reviews,
    pots: () => potsOf(driver.broker),
  };
}

export const rigWithMember = async (options?: DriverOptions, settings?: Partial<AdjudicationSettings>): Promise<AdjudicateRig> => {
  const rig = await openAdjudication(options, settings);
  await rig.enrol(aMember());
  return rig;
};

/** Sums over the ledger of the whole stage, by source topic and disposition. */
export const sumOf = (
  rows: readonly BatchProgressed[],
  topic: string,
  field: 'consumed' | 'processed' | 'duplicate' | 'rejected' | 'suppressed',
) => rows.filter((row) => row.topic === topic && row.subStage === '').reduce((sum, row) => sum + row[field], 0);
