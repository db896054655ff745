import type { AdjudicationSettings } from '../domain/adjudication-settings.ts';
import type { WorkflowRules } from '../domain/intake/workflow-problems.ts';
import type { ClaimStores } from '../state/claim-stores.ts';

/** The settings with the workflow's rules in force in them: made once for each version. */
export function createSettingsInForce(started: AdjudicationSettings): (stores: ClaimStores) => AdjudicationSettings {
  let made: { readonly of: WorkflowRules; readonly settings: AdjudicationSettings } | undefined;
  return ({ parameters }) => {
    if (parameters === undefined) return started;
    const { workflow } = parameters;
    if (made?.of !== workflow) {
      const { requiredFields, amountCents } = workflow;
      made = { of: workflow, settings: { ...started, requiredFields, leastCents: amountCents.least, mostCents: amountCents.most } };
    }
    return made.settings;
  };
}
