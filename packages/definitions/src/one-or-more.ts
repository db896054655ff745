import { z } from 'zod';

/** `x` or `[x, y]`, read as a list. Told apart before it is read, so that a mistake in one is shown at its own place. */
export const oneOrMore = <Item extends z.ZodType>(item: Item) =>
  z
    .preprocess((value) => (value === undefined || Array.isArray(value) ? value : [value]), z.array(item))
    .meta({
      // The step before reading hides from editors what may stand here.
      anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
    });
