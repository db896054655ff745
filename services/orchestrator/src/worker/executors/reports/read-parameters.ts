import { VigilError } from '@vigil/core';
import type { z } from 'zod';
import type { TaskExecution } from '../../executor.ts';

/** @throws VigilError BAD_DEFINITION that names every parameter which is wrong */
export function readParameters<Schema extends z.ZodType>(schema: Schema, { spec }: Pick<TaskExecution, 'spec'>): z.infer<Schema> {
  const parsed = schema.safeParse('parameters' in spec ? spec.parameters : {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new VigilError('BAD_DEFINITION', { detail: `Parameters of ${spec.name}: ${problems.join('; ')}.` });
}
