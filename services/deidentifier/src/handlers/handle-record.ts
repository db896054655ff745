import { emit, processed, rejected, VigilError, type Emission, type Outcome } from '@vigil/core';
import type { AvroRecord, Topic, TopicDeidPlan } from '@vigil/contracts';
import type { Handler, SourceRecord } from '@vigil/kafka';
import { areAmountsPlausible } from '../domain/claim-amounts.ts';
import { compilePlan, type Fields, type Rules } from '../domain/compile-plan.ts';
import type { Dataset } from '../domain/dataset.ts';
import { identifierReader } from '../domain/record-identifiers.ts';

/** The dataset that is made, and while a key is being rotated the one before it too. */
export interface Datasets {
  readonly current: Dataset;
  readonly previous: Dataset | null;
  /** Records taken by Kafka before this time are also written under the previous key. */
  readonly dualUntilMs: number;
}

/**
 * The datasets that a record belongs to: decided by its ingestion time, so that a replay decides the same. An erasure
 * belongs to every dataset that may hold the patient.
 */
const datasetsOf = ({ current, previous, dualUntilMs }: Datasets, { value, origin }: SourceRecord<Fields | null>): readonly Dataset[] =>
  previous !== null && (value === null || origin.timestamp < dualUntilMs) ? [current, previous] : [current];

/** The field that names the patient; a record that names none cannot be masked by patient. */
function tokenFieldOf({ record, steps }: TopicDeidPlan): string {
  const named = steps.find(({ rule }) => rule === 'pseudonym');
  if (named === undefined) throw new VigilError('BAD_DEFINITION', { detail: `${record} has no field with the rule pseudonym.` });
  return named.source;
}

/**
 * Writes the de-identified form of every record of a topic, all of it or nothing: where a rule cannot be applied the
 * record goes to quarantine. A tombstone (erasure) becomes the tombstone of the pseudonym.
 */
export function handleRecord(
  plan: TopicDeidPlan,
  target: Topic,
  { datasets, rules }: { datasets: Datasets; rules: Rules },
): Handler<Fields | null, unknown> {
  const deidentify = compilePlan(plan, rules);
  const identifiersOf = identifierReader(plan.source.schema as unknown as AvroRecord);
  const tokenField = tokenFieldOf(plan);
  const isClaim = plan.steps.some(({ source }) => source === 'chargeCents');

  const derive = (dataset: Dataset, token: string, { value, origin }: SourceRecord<Fields | null>): Emission | undefined => {
    const mask = dataset.maskOf(token);
    if (value === null) return emit(target, mask.pseudonym, null);
    const of = { identifiers: identifiersOf(value), amountsLeave: !isClaim || areAmountsPlausible(value) };
    const derived = deidentify(value, { mask, dataset, atMs: origin.timestamp, ...of });
    return derived && emit(target, mask.pseudonym, derived);
  };

  return (record): Outcome => {
    const token = record.value === null ? record.key : record.value[tokenField];
    if (typeof token !== 'string' || token === '') return rejected('MISSING_ID');
    const emissions: Emission[] = [];
    for (const dataset of datasetsOf(datasets, record)) {
      const emission = derive(dataset, token, record);
      if (emission === undefined) return rejected('DEID_RULE_FAILED');
      emissions.push(emission);
    }
    return processed(emissions);
  };
}
