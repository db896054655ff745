import type { ReplayJob } from '@vigil/postgres';
import type { PlanAnswer } from './plan-sink.ts';
import type { SinkDifference } from './diff-sink.ts';
import type { StageDifference } from './diff-stage.ts';

const placesOf = ({ parts }: ReplayJob): string[] =>
  parts.map(({ topic, partition, fromOffset, untilOffset, state }) => `  ${topic}-${partition}  ${fromOffset} to ${untilOffset}  ${state}`);

export const jobText = (job: ReplayJob): string =>
  [`${job.jobId}  ${job.kind} ${job.name}  ${job.state}  planned ${job.plannedAt.toISOString()}`, ...placesOf(job)].join('\n');

export const planText = ({ job, records, rows, estimatedSeconds }: PlanAnswer): string =>
  [
    jobText(job),
    `${records} offsets are read again${job.kind === 'sink' ? `, ${rows} rows deleted and loaded again` : ''}; about ${estimatedSeconds} s`,
    `nothing was changed; carry it out with: vigil replay run ${job.jobId}`,
  ].join('\n');

export function differenceText(difference: SinkDifference | StageDifference): string {
  const verdict = difference.equal ? 'equal' : 'DIFFERENT';
  if (difference.kind === 'sink') {
    const lines = difference.parts.map(({ topic, partition, rowsBefore, rowsNow, equal }) => {
      const word = equal === null ? 'not rewound yet' : equal ? 'equal' : 'DIFFERENT';
      return `  ${topic}-${partition}  ${rowsBefore ?? '?'} rows before, ${rowsNow} now: ${word}`;
    });
    return [...lines, verdict].join('\n');
  }
  const lines = difference.outputs.flatMap(({ topic, equal, changed, onlyOld, onlyNew, unsettled, fields, samples }) => [
    `${topic}: ${equal} equal, ${changed} changed, ${onlyOld} only old, ${onlyNew} only new, ${unsettled} not comparable`,
    ...(changed > 0 ? [`  differing fields: ${Object.entries(fields).map(([name, count]) => `${name} ${count}`).join(', ')}`] : []), // prettier-ignore
    ...samples.map((sample) => `  ${sample.kind}: ${JSON.stringify({ old: sample.old, new: sample.new })}`),
  ]);
  const requeued = difference.requeued > 0 ? [`${difference.requeued} requeued records went through the live stage only`] : [];
  return [...lines, ...requeued, verdict].join('\n');
}
