/**
 * `node scripts/claims-hot-path.ts [--claims N] [--members N] [--partitions N] [--outcomes] [--digest] [--profile DIR]`
 *
 * CPU time of adjudication without a broker, as `hot-path.ts` measures that of vitals-windowing: claims of three lines
 * against members, plans, prices, code sets and edits. With `--outcomes` what came of them is counted, in place of a
 * figure: one of claims that were all refused must not be taken for one of claims that were paid. With `--digest` a hash
 * of all that was decided and of the state that is left is told: two versions that decide the same have the same.
 */
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import {
  compileReader,
  compileWriter,
  createWireEncoder,
  topics,
  wireHeaderBytes,
  type ClaimAdjudicated,
  type Topic,
} from '@vigil/contracts';
import { createMemoryRegistry, valueSubjectOf, type ProducedRecord } from '@vigil/kafka';
import { memberRecords } from '../load-tests/claims/claim-members.ts';
import { referenceRecords } from '../load-tests/claims/claim-reference.ts';
import { submittedClaims } from '../load-tests/claims/submitted-claims.ts';
import { createAdjudicateTopology } from '../services/claims-validator/src/adjudicate-topology.ts';
import { defaultAdjudicationSettings } from '../services/claims-validator/src/domain/adjudication-settings.ts';
import { drainWithoutBroker } from './drain-without-broker.ts';

const { values } = parseArgs({
  options: {
    claims: { type: 'string', default: '200000' },
    members: { type: 'string', default: '100000' },
    partitions: { type: 'string', default: '4' },
    outcomes: { type: 'boolean', default: false },
    digest: { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
});
const [claims, members, partitions] = [values.claims, values.members, values.partitions].map(Number) as [number, number, number];

const registry = createMemoryRegistry();
const schemaIdOf = async ({ name, schema }: Topic): Promise<number> => {
  const id = await registry.idOf(valueSubjectOf(name), schema);
  await registry.schemaOf(id);
  return id;
};
const encode = createWireEncoder();
const tables: ProducedRecord[] = [];
for (const { topic, key, value } of referenceRecords())
  tables.push({
    topic: topic.name,
    partition: 0,
    key: Buffer.from(key),
    value: encode(await schemaIdOf(topic), compileWriter<object>(topic.schema), value),
    headers: [],
    timestamp: null,
  });

const outcomes: Record<string, number> = {};
const readDecision = compileReader<ClaimAdjudicated>(topics.claimAdjudicated.schema);
function count({ value, topic }: ProducedRecord): void {
  if (topic !== topics.claimAdjudicated.name || value === null) return;
  const { outcome, kind, lines } = readDecision(value, wireHeaderBytes);
  const carcs = kind === 'decision' ? lines.flatMap(({ adjustments }) => adjustments.map(({ group, carc }) => `${group}-${carc}`)) : [];
  for (const name of [outcome, ...carcs]) outcomes[name] = (outcomes[name] ?? 0) + 1;
}

/** Of a fixed day, so that two runs decide about the same claims at the same time. */
const digestedAt = Date.UTC(2026, 0, 15);
const state = new Map<string, string>();
const decisions = Array.from({ length: partitions }, () => createHash('sha256'));
/** Rows of state count as they are at the end: how many there were on the way depends on when was committed. */
function digest({ topic, partition, key, value }: ProducedRecord): void {
  if (topic === topics.claimAdjudicated.name || topic === topics.reviewRequested.name) {
    for (const bytes of [key, value]) if (bytes !== null) decisions[partition]?.update(bytes);
  } else if (topic !== topics.batchProgressed.name)
    state.set(`${topic} ${partition} ${key?.toString('latin1')}`, value?.toString('latin1') ?? '');
}
function digestOf(): string {
  const whole = createHash('sha256');
  for (const part of decisions) whole.update(part.digest());
  for (const row of [...state].toSorted(([a], [b]) => (a < b ? -1 : 1))) whole.update(row.join('\0'), 'latin1');
  return whole.digest('hex');
}

function* submitted(schemaId: number): Generator<ProducedRecord> {
  const timestamp = values.digest ? digestedAt : null;
  const claimed = submittedClaims({ claims, members, partitions }, schemaId, timestamp ?? Date.now());
  for (const record of claimed) yield { ...record, timestamp };
}

const drained = await drainWithoutBroker({
  topology: createAdjudicateTopology(defaultAdjudicationSettings),
  registry,
  input: topics.claimSubmitted.name,
  records: submitted(await schemaIdOf(topics.claimSubmitted)),
  count: claims,
  partitions,
  tables,
  before: {
    input: topics.memberChanged.name,
    records: memberRecords({ members, partitions }, await schemaIdOf(topics.memberChanged)),
    count: members,
  },
  ...(values.outcomes && { onWritten: count }),
  ...(values.digest && { onWritten: digest }),
  profile: values.profile,
});
const told = values.digest ? { rows: state.size, digest: digestOf() } : values.outcomes ? { outcomes } : drained;
console.log(JSON.stringify({ claims, members, ...told }));
