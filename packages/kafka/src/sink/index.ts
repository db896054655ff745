export * from './ledger-rows.ts';
export * from './run-sink.ts';
export * from './sink-spec.ts';
export * from './sink-target.ts';
