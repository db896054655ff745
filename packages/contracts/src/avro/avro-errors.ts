import { VigilError } from '@vigil/core';

/** The bytes are not what their schema says. `detail` is a constant: data never enters an error. */
export function malformed(detail: string): never {
  throw new VigilError('MALFORMED_AVRO', { detail: `${detail[0]?.toUpperCase()}${detail.slice(1)}.` });
}

/** The bytes ask for more memory or stack than they can be worth. */
export function unsafe(detail: string): never {
  throw new VigilError('UNSAFE_AVRO', { detail: `${detail[0]?.toUpperCase()}${detail.slice(1)}.` });
}

/** The value is of the writer's schema and has no place in the reader's. */
export function mismatched(detail: string): never {
  throw new VigilError('SCHEMA_MISMATCH', { detail: `${detail[0]?.toUpperCase()}${detail.slice(1)}.` });
}
