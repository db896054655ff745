import { z } from 'zod';
import { positiveDurationSchema } from '../duration.ts';

/** Parameters of the function `anomaly_detection`. */
export const anomalyParametersSchema = z
  .strictObject({
    threshold: z.number().positive().meta({ description: 'Standard deviations from the baseline.' }),
    window_size: positiveDurationSchema.meta({ description: 'Length of a window.' }),
  })
  .partial();

/** Functions whose parameters are known; those of all others are theirs to read. */
export const knownParameters: Readonly<Record<string, z.ZodObject>> = { anomaly_detection: anomalyParametersSchema };
