import { VigilError } from '@vigil/core';
import { tasksOfType } from './vital-limits.ts';
import type { WorkflowDefinition } from './workflow-schema.ts';

/** What a claims workflow asks of a claim before anything else looks at it; what breaks it goes to a person. */
export interface ClaimRules {
  /** Members of the claim's JSON that must not be empty, in the definition's order. */
  readonly requiredFields: readonly string[];
  /** Both ends still belong to the allowed range; the definition gives them in dollars. */
  readonly amountCents: { readonly least: number; readonly most: number };
  /** The only form that dates may have. */
  readonly dateFormat: 'YYYY-MM-DD';
}

/** Dollars of a definition as whole cents, past the error of a double. */
const centsOf = (dollars: number): number => Math.round(dollars * 100);

/**
 * The `rules` of the definition's validation tasks; a later rule replaces an earlier one of its kind.
 *
 * @throws VigilError BAD_DEFINITION that names every rule which a claims workflow needs and this one lacks
 */
export function claimRulesOf(definition: WorkflowDefinition): ClaimRules {
  const {
    required_fields: requiredFields,
    amount_range: range,
    date_format: dateFormat,
  } = Object.assign({}, ...tasksOfType(definition, 'validation').flatMap(({ rules = [] }) => rules)) as {
    required_fields?: readonly string[];
    amount_range?: readonly [number, number];
    date_format?: 'YYYY-MM-DD';
  };
  if (requiredFields === undefined || range === undefined || dateFormat === undefined) {
    const lacking = [
      requiredFields === undefined && 'required_fields',
      range === undefined && 'amount_range',
      dateFormat === undefined && 'date_format',
    ].filter(Boolean);
    throw new VigilError('BAD_DEFINITION', { detail: `${definition.name} lacks ${lacking.join(', ')} in the rules of a validation task.` });
  }
  return { requiredFields, amountCents: { least: centsOf(range[0]), most: centsOf(range[1]) }, dateFormat };
}
