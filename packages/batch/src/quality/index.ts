export { DistinctCounter } from './distinct-counter.ts';
export { QualityProfile, type QualityPlan } from './quality-profile.ts';
export * from './quality-score.ts';
export { trialQuality, visitQuality } from './record-plans.ts';
export { judgeRun, recordScores, type PublishScores, type RunJudgement, type ScoredSubject } from './record-scores.ts';
export { hourOf, StreamScorer, type StreamScore } from './stream-score.ts';
export { createTableProfile } from './table-profile.ts';
export { ReadingColumns, type JudgedReading } from './reading-columns.ts';
