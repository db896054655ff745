/**
 * Whether a thrown value carries this field, as errors of the system carry `code`.
 * Not by `instanceof`: errors of Node's own modules belong to another realm than ours under a test runner.
 */
export const hasField = (error: unknown, field: string, value: unknown): boolean =>
  typeof error === 'object' && error !== null && (error as Record<string, unknown>)[field] === value;
