import { compileWriter, createWireEncoder, topics, type MemberChanged } from '@vigil/contracts';
import { hashId } from '@vigil/core';
import { partitionOf, type ProducedRecord } from '@vigil/kafka';

/** How many members stand behind a load of claims, and over how many partitions they are spread. */
export interface ClaimsShape {
  readonly members: number;
  readonly partitions: number;
}

/** Members of one policy. */
const membersOfPolicy = 3;
/** Plans that the members are spread over. */
export const planCount = 20;
/** First day of everybody's coverage: 1 January 2020. */
export const coveredFrom = 18_262;

export const planIdOf = (index: number): string => `PLAN_${index % planCount}`;

const tokenOf = (kind: string, index: number): string => `t1.${hashId('bench', kind, index).slice(0, 22)}`;

export interface BenchMember {
  readonly policyToken: string;
  readonly memberToken: string;
  readonly patientToken: string;
  readonly partition: number;
}

/** The same member for the same number, always. */
export function memberAt(index: number, { partitions }: ClaimsShape): BenchMember {
  const policyToken = tokenOf('policy', Math.floor(index / membersOfPolicy));
  return {
    policyToken,
    memberToken: tokenOf('member', index),
    patientToken: tokenOf('patient', index),
    partition: partitionOf(Buffer.from(policyToken), partitions),
  };
}

const topic = topics.memberChanged;

/** One version of each member, all covered. */
export function* memberRecords(shape: ClaimsShape, schemaId: number): Generator<ProducedRecord> {
  const encode = createWireEncoder();
  const writer = compileWriter<MemberChanged>(topic.schema);
  for (let index = 0; index < shape.members; index++) {
    const { policyToken, memberToken, patientToken, partition } = memberAt(index, shape);
    const holder = index - (index % membersOfPolicy);
    const member: MemberChanged = {
      policyToken,
      memberToken,
      version: 1,
      patientToken,
      subscriberToken: memberAt(holder, shape).memberToken,
      relationship: index === holder ? 'self' : 'child',
      nameToken: null,
      birthDate: 3_650 + (index % 7_000),
      deathDate: null,
      sex: index % 2 === 0 ? 'female' : 'male',
      coverage: [{ from: coveredFrom, to: null, planId: planIdOf(Math.floor(index / membersOfPolicy)), groupNumber: `G${index % 50}` }],
      otherPayers: [],
      authorizations: [],
    };
    yield {
      topic: topic.name,
      partition,
      key: Buffer.from(`${policyToken}|${memberToken}|1`),
      value: encode(schemaId, writer, member),
      headers: [],
      timestamp: null,
    };
  }
}
