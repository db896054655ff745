import { z } from 'zod';

const envSchema = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*$/, { error: 'expected the name of an environment variable, in capitals' })
  .meta({ description: 'Environment variable that holds it.' });

const message = 'expected {env: NAME} or {file: PATH}: addresses and credentials do not stand in this file';

/** Where an address or a credential is: never the thing itself. */
export const referenceSchema = z
  .strictObject(
    { env: envSchema, file: z.string().min(1).meta({ description: 'File whose content it is, such as a mounted secret.' }) },
    { error: message },
  )
  .partial()
  .check((context) => {
    if (Object.keys(context.value).length !== 1 && context.issues.length === 0) {
      context.issues.push({ code: 'custom', input: context.value, message });
    }
  });

/** `{env}` or `{file}`, exactly one of them. */
export type Reference = z.infer<typeof referenceSchema>;
