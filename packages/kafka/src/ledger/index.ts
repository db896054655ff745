export { balanceLedger, countedTopics, ownImbalance, writtenTo, type Ledger, type LedgerStage } from './balance-ledger.ts';
export { createLedgerBook, emptyTotals, type LedgerBook, type StageTotals } from './ledger-book.ts';
export { locateImbalance, type ImbalancePlace, type ImbalanceReason } from './locate-imbalance.ts';
export { openLedger, type LedgerReader, type LedgerSources } from './read-ledger.ts';
export { offsetsSince } from './offsets-since.ts';
export { readStretch, type Stretch } from './read-partition.ts';
