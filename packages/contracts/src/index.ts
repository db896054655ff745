export * from './all-topics.ts';
export * from './claims/claim-amounts.ts';
export * from './claims/filing-limit.ts';
export * from './claims/plan-settings.ts';
export * from './deid/date-shift.ts';
export * from './deid/deid-plan-of.ts';
export * from './deid/deid-plan.ts';
export * from './ehr/department-classes.ts';
export type * from './generated/types.ts';
export * from './schema/avro-types.ts';
export * as schemas from './generated/schemas.ts';
export * from './sensitivity.ts';
export * from './topic-names.ts';
export * from './topic.ts';
export * from './topics.ts';
export * from './trials/trial-codes.ts';
export { BytesTable } from './avro/bytes-table.ts';
export { InternedText } from './avro/interned-text.ts';
export { compileFlatReader, flatValuesOf, type FlatFields, type FlatReader, type FlatValues } from './avro/compile-flat-reader.ts';
export { compileReader, type AvroReader } from './avro/compile-reader.ts';
export type { AvroSink } from './avro/avro-sink.ts';
export { compileWriter, type AvroWriter } from './avro/compile-writer.ts';
export { createPackedValues, type PackedValues } from './avro/packed-values.ts';
export {
  createRowEncoder,
  createWireEncoder,
  readWireId,
  requireWireId,
  wireHeaderBytes,
  type EncodedRow,
  type RowEncoder,
  type WireEncoder,
} from './avro/wire.ts';
export * from './identity/index.ts';
export * from './ledger/index.ts';
