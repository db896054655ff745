import type { ClaimAdjudicated } from '@vigil/contracts';
import type { SinkSlice } from '@vigil/kafka';
import { BinaryRows, copyRows, type Transaction } from '@vigil/postgres';
import {
  decisionAdjustmentTable,
  decisionLineTable,
  decisionTable,
  writeDecision,
  writeDecisionAdjustment,
  writeDecisionLine,
} from '../../domain/decision-rows.ts';

/** Writes decisions with their lines and adjustments by COPY, each with the position that it was read from. */
export async function writeDecisions(transaction: Transaction, slices: readonly SinkSlice<ClaimAdjudicated>[]): Promise<void> {
  const decisions = new BinaryRows(decisionTable);
  const lines = new BinaryRows(decisionLineTable);
  const adjustments = new BinaryRows(decisionAdjustmentTable);
  for (const { topic, partition, records } of slices) {
    for (const { value, offset, batchId } of records) {
      const at = { topic, partition, offset, decisionId: value.decisionId };
      decisions.begin();
      writeDecision(decisions, value, { ...at, batchId });
      for (const line of value.lines) {
        lines.begin();
        writeDecisionLine(lines, line, at);
        for (const [index, adjustment] of line.adjustments.entries()) {
          adjustments.begin();
          writeDecisionAdjustment(adjustments, adjustment, { ...at, line: line.line, place: index + 1 });
        }
      }
    }
  }
  for (const rows of [decisions, lines, adjustments]) await copyRows(transaction, rows);
}
