const passing: ReadonlySet<unknown> = new Set(['transient', 'dependency', 'fenced', 'auth']);

/** Whether a failure of a batch is about one of its rows, and not about the database or our access to it. */
export const isRowFault = (error: unknown): boolean => !passing.has((error as { readonly kind?: unknown } | null | undefined)?.kind);
