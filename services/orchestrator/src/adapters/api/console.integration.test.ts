import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildConsole } from '@vigil/console';
import { apiKey, startApiHarness, type ApiHarness } from '../../../fixtures/api-harness.ts';
import { findBrowser, openConsoleBrowser, type ConsoleBrowser } from '../../../fixtures/console-browser.ts';
import type { UntimedInput } from '../../domain/runs/run-store.ts';
import { serveConsole } from './serve-console.ts';

const found = await findBrowser();
if ('reason' in found) console.log(`The console was not looked at in a browser: ${found.reason}`);
const inBrowser = 'reason' in found ? test.skip : test;

let api: ApiHarness;
let browser: ConsoleBrowser;

beforeAll(async () => {
  if ('reason' in found) return;
  const { directory } = await buildConsole();
  api = await startApiHarness(serveConsole(directory));
  browser = await openConsoleBrowser(found.path);
}, 120_000);
afterAll(async () => {
  if ('reason' in found) return;
  await browser.close();
  await api.close();
});

const claims = `
name: claims
parameters: {file: {type: string, default: DOE_JOHN.csv}}
tasks:
  - {name: extract, type: transformation, function: sql_extract}
  - {name: validate, type: transformation, function: sql_validate, depends_on: [extract]}
  - {name: enrich, type: transformation, function: sql_enrich, depends_on: [extract]}
  - {name: decide, type: transformation, function: sql_decide, depends_on: [validate, enrich]}
`;

const startRun = async (): Promise<string> => (await api.call('post', '/v1/runs', { body: { workflow: 'claims', by: 'ann' } })).body.runId;

/** What a worker reports of a task that was handed to it. */
async function report(
  runId: string,
  task: string,
  tell: (at: { task: string; part: number; epoch: number }) => UntimedInput,
): Promise<void> {
  const [row] = await api.query<{ epoch: number }>('SELECT epoch FROM orchestration.task_run WHERE run_id = $1 AND task = $2', [
    runId,
    task,
  ]);
  await api.runs.step([{ runId, messageId: null, input: tell({ task, part: 0, epoch: row?.epoch ?? 0 }) }]);
}
const begin = (runId: string, task: string) => report(runId, task, (at) => ({ kind: 'started', ...at, attempt: 1, worker: 'worker-7' }));
const succeed = (runId: string, task: string) =>
  report(runId, task, (at) => ({ kind: 'succeeded', ...at, result: { counts: { rows: 1200 }, values: {}, ref: null } }));
const fail = (runId: string, task: string) =>
  report(runId, task, (at) => ({ kind: 'failed', ...at, error: { code: 'BAD_DEFINITION', kind: 'config', detail: 'no such table' } }));

inBrowser(
  'workflows and runs are shown live, in both themes without a finding of axe, and by keyboard',
  async () => {
    await api.call('post', '/v1/workflows', { body: { text: claims, by: 'ann' } });
    const whole = await startRun();
    for (const task of ['extract', 'validate', 'enrich', 'decide']) await succeed(whole, task);
    const broken = await startRun();
    await begin(broken, 'extract');
    await fail(broken, 'extract');
    const open = await startRun();
    const { page } = browser;

    await page.goto(`${api.url}/console/`);
    await page.getByLabel('API key').waitFor();
    expect(await browser.inspect()).toEqual([]);
    await page.getByLabel('API key').fill('not-the-key-of-tests');
    await page.keyboard.press('Enter');
    await page.getByText('The orchestrator refused this key.').waitFor();
    await page.getByLabel('API key').fill(apiKey);
    await page.keyboard.press('Enter');
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.evaluate('JSON.stringify([Object.values(sessionStorage), Object.values(localStorage)])')).toBe(
      JSON.stringify([[apiKey], ['auto']]),
    );

    await page.getByRole('navigation').getByRole('link', { name: 'claims' }).click();
    await page.getByRole('link', { name: `decide, run ${whole.slice(0, 8)}: succeeded` }).waitFor();
    await page.getByRole('link', { name: `extract, run ${broken.slice(0, 8)}: failed` }).waitFor();
    expect(await browser.inspect()).toEqual([]);
    await page.getByLabel('Status').selectOption('failed');
    const table = page.getByRole('region', { name: 'Table of runs' });
    await table.getByRole('link', { name: whole.slice(0, 8) }).waitFor({ state: 'detached' });
    await table.getByRole('link', { name: broken.slice(0, 8) }).waitFor();
    expect(new URL(page.url()).search).toBe('?workflow=claims&status=failed');
    await page.goBack();

    // By keyboard alone: the first stop of the page leads past the navigation.
    await page.goto(`${api.url}/console/?run=${open}`);
    const graph = page.getByRole('group', { name: 'Graph of the tasks' });
    await graph.getByText('queued', { exact: true }).waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('To the content');
    await graph.getByRole('link', { name: 'extract' }).press('Enter');
    await page.getByText('No worker has begun it.').waitFor();

    // Nobody reloads: each report of a worker shows by itself.
    await begin(open, 'extract');
    await graph.getByText('running', { exact: true }).waitFor();
    await page.getByRole('region', { name: 'Task extract' }).getByText('worker-7', { exact: false }).first().waitFor();
    await succeed(open, 'extract');
    await page.getByText('rows 1,200').waitFor();
    await graph.getByText('queued', { exact: true }).nth(1).waitFor();
    expect(await browser.inspect()).toEqual([]);

    await graph.getByRole('link', { name: 'decide' }).click();
    await page.getByRole('region', { name: 'Task decide' }).getByText('Why it waits').waitFor();
    await page.getByRole('link', { name: 'Timeline' }).click();
    await page.getByRole('link', { name: /^extract: succeeded, / }).waitFor();
    expect(await browser.inspect()).toEqual([]);

    await page.goto(`${api.url}/console/?run=${broken}&task=extract`);
    await page.getByText('no such table').waitFor();
    await page.getByText('attempt 1: BAD_DEFINITION').waitFor();
    expect(await page.getByText('DOE_JOHN').count()).toBe(0);
    expect(browser.complaints).toEqual([]);
    expect(api.failures).toEqual([]);
  },
  120_000,
);
