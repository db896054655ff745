import { z } from 'zod';

/** A list entry of the form `- name: value`: one known name, exactly one of them. */
export const oneRuleOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z
    .strictObject(shape)
    .partial()
    .check((context) => {
      const names = Object.keys(context.value);
      // A name that is not known was told already.
      if (names.length !== 1 && context.issues.length === 0) {
        context.issues.push({ code: 'custom', input: context.value, message: `expected one rule an entry, found ${names.length}` });
      }
    });

/** `[low, high]`, low below high. */
export const rangeSchema = z
  .tuple([z.number(), z.number()], { error: 'expected a range of two numbers such as [40, 200]' })
  .refine(([low, high]) => low < high, { error: 'the lower limit must be below the upper one' });
