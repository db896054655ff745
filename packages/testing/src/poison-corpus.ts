/** Bytes that have stopped decoders: none of them is a reading, each must be quarantined once. */
export interface PoisonRecord {
  readonly name: string;
  readonly bytes: Buffer | null;
}

const zigzag = (value: bigint): Buffer => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
};

const avroString = (text: string): Buffer => Buffer.concat([zigzag(BigInt(Buffer.byteLength(text))), Buffer.from(text)]);

/** Wire format: magic byte 0, schema id, body. */
const wire = (schemaId: number, ...body: readonly Buffer[]): Buffer => {
  const head = Buffer.alloc(5);
  head.writeInt32BE(schemaId, 1);
  return Buffer.concat([head, ...body]);
};

const identity = [avroString('MON_POISON'), avroString('PAT_POISON'), avroString('2026-01-01T00:00:00Z')];
const noOptionalIds = Buffer.from([0, 0]);
const noMeasurements = Buffer.from([0, 0, 0, 0, 0]);
/** Everything of a ReadingReceived before its map `units`. */
const upToUnits = [...identity, noOptionalIds, noMeasurements];

/** @param schemaId  id under which vigil.vitals.ReadingReceived is registered */
export const poisonCorpus = (schemaId: number): readonly PoisonRecord[] => [
  { name: 'no value', bytes: null },
  { name: 'empty value', bytes: Buffer.alloc(0) },
  { name: 'only a magic byte', bytes: Buffer.of(0) },
  { name: 'magic byte and half an id', bytes: Buffer.of(0, 0, 0) },
  { name: 'schema id without body', bytes: wire(schemaId) },
  { name: 'unknown schema id', bytes: wire(2_147_483_000, ...identity) },
  { name: 'negative schema id', bytes: wire(-1, ...identity) },
  { name: 'wrong magic byte', bytes: Buffer.concat([Buffer.of(1), wire(schemaId, ...identity).subarray(1)]) },
  { name: 'truncated inside a string', bytes: wire(schemaId, Buffer.concat(identity).subarray(0, 7)) },
  { name: 'truncated between fields', bytes: wire(schemaId, ...identity) },
  { name: 'string of 2 GB', bytes: wire(schemaId, zigzag(2n ** 31n)) },
  { name: 'string of negative length', bytes: wire(schemaId, zigzag(-5n), Buffer.from('abc')) },
  { name: 'union index out of range', bytes: wire(schemaId, ...identity, zigzag(7n)) },
  { name: 'negative union index', bytes: wire(schemaId, ...identity, zigzag(-1n)) },
  { name: 'map of 200 million items', bytes: wire(schemaId, ...upToUnits, zigzag(200_000_000n)) },
  { name: 'map of 2^31 items', bytes: wire(schemaId, ...upToUnits, zigzag(2n ** 31n)) },
  { name: 'map of 2^53 items', bytes: wire(schemaId, ...upToUnits, zigzag(2n ** 53n)) },
  { name: 'map of -2^62 items', bytes: wire(schemaId, ...upToUnits, zigzag(-(2n ** 62n)), zigzag(1n)) },
  { name: 'number longer than 64 bits', bytes: wire(schemaId, Buffer.alloc(12, 0xff)) },
  { name: 'not JSON', bytes: Buffer.from('HR=72') },
  { name: 'truncated JSON', bytes: Buffer.from('{"device_id":"M') },
  { name: 'deeply nested JSON', bytes: Buffer.from('['.repeat(100_000)) },
  { name: 'invalid UTF-8', bytes: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]) },
  { name: 'JSON null', bytes: Buffer.from('null') },
  { name: 'JSON number', bytes: Buffer.from('42') },
];
