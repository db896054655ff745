import { inspectDefinition, workflowSchema, type WorkflowDefinition } from '@vigil/definitions';

/** Parameters that a definition declares. */
export type DeclaredParameters = WorkflowDefinition['parameters'];

/** @param text  a definition as it was deployed; one that this version can no longer read declares none */
export function declaredParameters(text: string): DeclaredParameters {
  const read = inspectDefinition(text, workflowSchema);
  return read.ok ? read.value.parameters : {};
}

export type GivenParameters =
  | { readonly ok: true; readonly parameters: Readonly<Record<string, unknown>> }
  | { readonly ok: false; readonly problems: readonly { readonly field: string; readonly message: string }[] };

/**
 * The parameters of a run: those given, and the defaults of the others. A definition that declares none takes any, so that
 * the shortest definition is usable.
 */
export function givenParameters(declared: DeclaredParameters, given: Readonly<Record<string, unknown>>): GivenParameters {
  if (Object.keys(declared).length === 0) return { ok: true, parameters: given };
  const problems = Object.keys(given)
    .filter((name) => !Object.hasOwn(declared, name))
    .map((name) => ({ field: `body.parameters.${name}`, message: `The workflow has no parameter ${name}.` }));
  const parameters: Record<string, unknown> = {};
  for (const [name, { type, default: otherwise }] of Object.entries(declared)) {
    const value = given[name] ?? otherwise;
    const field = `body.parameters.${name}`;
    if (value === undefined) problems.push({ field, message: `The parameter ${name} has no default and must be given.` });
    else if (typeof value !== type) problems.push({ field, message: `The parameter ${name} is a ${type}.` });
    else parameters[name] = value;
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, parameters };
}
