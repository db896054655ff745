import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { compileWriter, createWireEncoder, type Topic } from '@vigil/contracts';
import { VigilError } from '@vigil/core';
import { valueSubjectOf, type SchemaRegistry } from '@vigil/kafka';

export const editHashOf = (text: Buffer): string => createHash('sha256').update(text).digest('hex');

function parse(text: Buffer): unknown {
  if (!isUtf8(text)) throw new VigilError('EDIT_REFUSED', { detail: 'The file is not UTF-8.' });
  try {
    return JSON.parse(text.toString('utf8')) as unknown;
  } catch {
    throw new VigilError('EDIT_REFUSED', { detail: 'The file is not JSON.' });
  }
}

/**
 * The value that an edit makes of a record: the file's own bytes where devices send JSON, else their Avro form.
 *
 * @param text  one JSON object as the topic's schema has it
 * @throws VigilError EDIT_REFUSED that names the field, never what it holds
 */
export async function editedValue(text: Buffer, { name, schema, format }: Topic, registry: SchemaRegistry): Promise<Buffer> {
  const value = parse(text);
  const encode = createWireEncoder();
  try {
    const avro = encode(format === 'avro' ? await registry.idOf(valueSubjectOf(name), schema) : 0, compileWriter<unknown>(schema), value);
    return format === 'avro' ? avro : text;
  } catch (cause) {
    // The codec names the field; anything else (the registry is away) is no matter of the edit.
    if (cause instanceof TypeError) throw new VigilError('EDIT_REFUSED', { detail: `${cause.message}.`, cause });
    throw cause;
  }
}
