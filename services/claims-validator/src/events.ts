import { defineEvents, event, field } from '@vigil/runtime';

const formats = ['json', 'x12-837p', 'x12-837i', 'cms-rif', 'cms-eob'] as const;

/** What claims-validator logs and counts. */
export const events = defineEvents('claims-validator', {
  rulesLoaded: event({
    level: 'info',
    message: 'the rules of the workflow definition are loaded',
    fields: { workflow: field.ownName(), requiredFields: field.count() },
  }),
  rulesChanged: event({
    level: 'info',
    message: 'a deployed version of the claim rules is in force',
    fields: { stage: field.oneOf('claims-validator-intake', 'claims-validator-adjudicate'), version: field.count() },
    metric: {
      kind: 'gauge',
      name: 'vigil_claims_rules_version',
      help: 'Version of the workflow definition in force, by stage; absent = that of its file.',
      labels: ['stage'],
      value: 'version',
    },
  }),
  rulesRefused: event({
    level: 'error',
    message: 'a deployed version of the claim rules cannot be worked by; the one before stays in force',
    fields: { stage: field.oneOf('claims-validator-intake', 'claims-validator-adjudicate'), version: field.count() },
  }),
  claimSubmitted: event({
    level: 'none',
    message: 'a claim was understood',
    fields: { format: field.oneOf(...formats), standing: field.oneOf('first', 'conflicting') },
    metric: {
      kind: 'counter',
      name: 'vigil_claims_submitted_total',
      help: 'Claims that intake understood, by format and by whether their claim id came before with other content; a batch that is repeated counts again.',
      labels: ['format', 'standing'],
    },
  }),
  claimProblem: event({
    level: 'none',
    message: 'something is wrong with a claim',
    fields: { level: field.oneOf('workflow', '1', '2', '3', '4', '5', '6', '7'), code: field.ownName() },
    metric: {
      kind: 'counter',
      name: 'vigil_claims_problems_total',
      help: 'What intake found wrong with claims, by level (workflow or SNIP) and code.',
      labels: ['level', 'code'],
    },
  }),
});
