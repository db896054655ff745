export * from './ledger-rows.ts';
export * from './sink-target.ts';
