import { z } from 'zod';

/** The body of every answer that is an error. @see RFC 9457 */
const problemSchema = z
  .strictObject({
    type: z.string().meta({ description: 'urn:vigil:problem:<code in lower case>' }),
    title: z.string(),
    status: z.int().min(400).max(599),
    code: z.string().meta({ description: 'Code of the error catalogue (docs/reference/errors.md), or UNKNOWN.' }),
    detail: z.string(),
    errors: z
      .array(z.strictObject({ field: z.string(), message: z.string(), line: z.int().optional(), column: z.int().optional() }))
      .optional(),
  })
  .meta({ id: 'Problem' });

export type ProblemBody = z.infer<typeof problemSchema>;
