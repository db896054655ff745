import { z } from 'zod';

/** Names of workflows, tasks, sources and functions: lower case, digits and underscores. */
export const nameSchema = z
  .string()
  .max(100, { error: 'a name has at most 100 characters' })
  .regex(/^[a-z][a-z0-9_]*$/, { error: 'expected a name of lower-case letters, digits and underscores' });
