export {
  balanceLedger,
  countedTopics,
  ownImbalance,
  writtenTo,
  type Ledger,
  type LedgerStage,
  type WaitingRecords,
} from './balance-ledger.ts';
export { createLedgerBook, emptyTotals, mayBeRewound, type LedgerBook, type StageTotals, type SubStageTotals } from './ledger-book.ts';
export { commitRanges, type CommitRange } from './commit-ranges.ts';
