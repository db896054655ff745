import { expect, test } from '@jest/globals';
import type { CallVigil } from './call-vigil.ts';
import { playWorkflows, workflowFailuresOf } from './play-workflows.ts';

const at = (seconds: number): string => new Date(seconds * 1000).toISOString();
const task = (name: string, state: string, counts: object = {}) => ({
  task: name,
  part: 0,
  partKey: '',
  state,
  attempt: 1,
  health: null,
  counts,
  error: null,
  startedAt: null,
  endedAt: null,
});
const runOf = (runId: string, workflow: string, status: string, tasks: readonly object[], createdAt = at(10)) => ({
  runId,
  workflow,
  version: 1,
  status,
  trigger: 'file',
  scheduledFor: null,
  parentRunId: null,
  requestedBy: '',
  reason: null,
  createdAt,
  startedAt: createdAt,
  endedAt: status === 'running' ? null : at(14),
  depth: 0,
  tasks,
});

const claims = runOf('c', 'claims_processing_workflow', 'succeeded', [task('extract_claims', 'succeeded', { read: 39, files: 2 })]);
const empty = runOf('c2', 'claims_processing_workflow', 'succeeded', [task('extract_claims', 'succeeded', { read: 0, files: 0 })]);
const earlier = runOf('old', 'claims_processing_workflow', 'failed', [], at(1));
const research = runOf('r', 'research_analytics_workflow', 'succeeded', [task('extract_visits', 'succeeded', { read: 48, files: 1 })]);

/** A fleet that answers like one whose approval stands until somebody approves. */
function fleet(ofClaims: readonly ReturnType<typeof runOf>[]) {
  const said: string[] = [];
  let approved = false;
  const call: CallVigil = async <Document extends object>(args: readonly string[]): Promise<Document> => {
    const [, verb, target] = args;
    const reports = runOf('p', 'regulatory_reporting_workflow', approved ? 'succeeded' : 'running', [
      task('approve', approved ? 'succeeded' : 'held'),
      task('publish_reports', approved ? 'succeeded' : 'waiting', { rows: 9, files: 8 }),
    ]);
    if (verb === 'approve') {
      approved = true;
      said.push(args.join(' '));
      return {} as Document;
    }
    if (verb === 'run') return (target === 'regulatory_reporting_workflow' ? { run: reports } : { tree: [research] }) as Document;
    if (target === '--workflow') return { runs: [...ofClaims, earlier] } as unknown as Document;
    return { runs: [[reports, ...ofClaims].find(({ runId }) => runId === target)] } as unknown as Document;
  };
  return { call, said };
}

/** Time passes by sleeping only. */
function play(ofClaims: readonly ReturnType<typeof runOf>[]) {
  let nowMs = 10_000;
  const { call, said } = fleet(ofClaims);
  const clock = { now: () => nowMs };
  const sleep = async (ms: number): Promise<void> => void (nowMs += ms * 100);
  return { said, played: playWorkflows({ call, clock, sleep, say: (line) => said.push(line), claimFiles: 2, sinceMs: 10_000 }) };
}

test('runs that files started, research and the approved reports are told with counts, and the claims by their batches', async () => {
  const { said, played } = play([claims, empty]);
  const { report, tree, claimBatches } = await played;

  expect(report.runs.map(({ workflow, status, seconds }) => [workflow, status, seconds])).toEqual([
    ['claims_processing_workflow', 'succeeded', 4],
    ['research_analytics_workflow', 'succeeded', 4],
    ['regulatory_reporting_workflow', 'succeeded', 4],
  ]);
  expect(report.runs[0]?.tasks).toEqual([{ name: 'extract_claims', status: 'succeeded', counts: { read: 39, files: 2 } }]);
  expect(report.files).toBe(3);
  expect(claimBatches).toEqual(['c']);
  expect(tree).toContain('read 39, files 2');
  expect(said.at(-1)).toBe('workflows approve p approve --as compliance --reason the demo looked at them');
  expect(workflowFailuresOf(report, 3)).toEqual([]);
});

test('a run that failed, files that nobody took, and a workflow that never ran are failures', async () => {
  const failed = { ...claims, status: 'failed', tasks: [task('extract_claims', 'failed')] };
  const { report } = await play([failed]).played;

  expect(workflowFailuresOf(report, 3)).toEqual(['claims_processing_workflow is failed', '3 files were put down and 1 loaded']);
  expect(workflowFailuresOf((await play([]).played).report, 1)).toEqual(['claims_processing_workflow did not run']);
});
