export * from './database-error.ts';
export * from './fenced-positions.ts';
export * from './ledger-outbox.ts';
export * from './migrate.ts';
export * from './pool.ts';
export * from './postgres-target.ts';
export * from './rewind-sink.ts';
export * from './transaction.ts';
