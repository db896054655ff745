/** The registry's wire format: a zero byte, the schema id in four bytes, the Avro body. */
export const wireMagic = 0;
export const wireHeaderBytes = 5;

/** The schema id of a value in wire format; null where it is not in that format. */
export const schemaIdOf = (value: Buffer | null): number | null =>
  value !== null && value.length >= wireHeaderBytes && value[0] === wireMagic ? value.readInt32BE(1) : null;
