import { readWireId } from '@vigil/contracts';

/** First byte of the registry's wire format. */
export const wireMagic = 0;

/** The schema id of a value in wire format; null where it is not in that format or absent. */
export const schemaIdOf = (value: Buffer | null): number | null => (value === null ? null : readWireId(value));
