export { locateImbalance, type ImbalancePlace, type ImbalanceReason } from './locate-imbalance.ts';
export { openLedger, type LedgerReader, type LedgerSources } from './read-ledger.ts';
export { offsetsSince } from './offsets-since.ts';
export { readStretch, type Stretch } from './read-partition.ts';
