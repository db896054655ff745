import {
  topics,
  type CodeChanged,
  type EditChanged,
  type FeeScheduleChanged,
  type PlanChanged,
  type ProviderChanged,
} from '@vigil/contracts';
import { indexedTable } from '@vigil/kafka';
import { openEffectiveIndex, type EffectiveNode } from './effective-index.ts';

/** Reference data as every instance holds it. */
export interface ReferenceTables {
  readonly providers: EffectiveNode<ProviderChanged>;
  readonly plans: EffectiveNode<PlanChanged>;
  /** By schedule, code and modifier. */
  readonly prices: EffectiveNode<FeeScheduleChanged>;
  /** By code set and code. */
  readonly codes: EffectiveNode<CodeChanged>;
  /** By edit, code and other code. */
  readonly edits: EffectiveNode<EditChanged>;
}

/** The broadcast topics with how each is indexed. */
export const referenceTables = {
  providers: indexedTable(topics.providerChanged, () => openEffectiveIndex<ProviderChanged>(({ providerId }) => [providerId])),
  plans: indexedTable(topics.planChanged, () => openEffectiveIndex<PlanChanged>(({ planId }) => [planId])),
  prices: indexedTable(topics.feeScheduleChanged, () =>
    openEffectiveIndex<FeeScheduleChanged>(({ scheduleId, code, modifier }) => [scheduleId, code, modifier]),
  ),
  codes: indexedTable(topics.codeChanged, () => openEffectiveIndex<CodeChanged>(({ system, code }) => [system, code])),
  edits: indexedTable(topics.editChanged, () => openEffectiveIndex<EditChanged>(({ edit, code, other }) => [edit, code, other])),
};
