import { z } from 'zod';

const sizePattern = /^(\d+(?:\.\d+)?)(KiB|MiB|GiB)$/;
const unitMiB: Readonly<Record<string, number>> = { KiB: 1 / 1024, MiB: 1, GiB: 1024 };

/** `512MiB`, `1.5GiB` → MiB, rounded up; undefined where the text is no size. */
function sizeMiBOf(text: string): number | undefined {
  const [, amount = '', unit = ''] = sizePattern.exec(text) ?? [];
  const factor = unitMiB[unit];
  return factor === undefined ? undefined : Math.ceil(Number(amount) * factor);
}

/** A pebibyte. */
const mostMiB = 2 ** 30;

const message = 'expected a size such as 512MiB or 2GiB';

/** A size in a definition, read as MiB. */
export const sizeMiBSchema = z
  .string({ error: message })
  .transform((text, context) => {
    const size = sizeMiBOf(text);
    if (size !== undefined && size <= mostMiB) return size;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  })
  .meta({ pattern: sizePattern.source });
