import { beforeAll, expect, test } from '@jest/globals';
import { topics } from '@vigil/contracts';
import { startStack } from '@vigil/stack';
import { runCli } from '../run-cli.ts';

async function vigil(...args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  let stdout = '';
  let stderr = '';
  const code = await runCli(args, { stdout: { write: (text) => (stdout += text) }, stderr: { write: (text) => (stderr += text) } });
  return { code, stdout, stderr };
}

const unknown = '0191d0c1-0000-7000-8000-00000000dead';

beforeAll(async () => {
  await startStack();
  await vigil('topics', 'apply');
  await vigil('schemas', 'register');
  await vigil('db', 'migrate');
}, 120_000);

test.each([
  [['row', 'fact_visit', unknown], `fact_visit ${unknown}`],
  [['file', unknown, '--line', '3'], `file ${unknown} line 3`],
  [['run', unknown], `run ${unknown}`],
])('what %p asks for is not known, and told as such', async (args, subject) => {
  const { code, stdout } = await vigil('lineage', ...args, '--json');

  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ subject, found: false, steps: [{ step: 'end', state: 'unknown' }] });
});

test('who looks behind a row is recorded before anything is shown', async () => {
  const { code, stderr } = await vigil('lineage', 'row', 'fact_visit', unknown, '--reveal', '--reason', 'lineage test', '--as', 'ann');
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });

  const { readStretch, createValueDecoder } = await import('@vigil/kafka');
  const { openRegistry } = await import('../connect/open-registry.ts');
  const { withKafka } = await import('../connect/with-kafka.ts');
  const { name, schema } = topics.accessRecorded;
  const registry = openRegistry();
  await registry.idOf(`${name}-value`, schema);
  const seen: unknown[] = [];
  await withKafka(async (client) => {
    for (const [partition, end] of (await client.admin.stableOffsets(name)).entries()) {
      const decode = createValueDecoder(schema, registry);
      await readStretch(client, { topic: name, partition, from: Math.max(0, end - 5), end }, ({ value }) => {
        if (value) seen.push(decode(Buffer.from(value)));
      });
    }
  });
  expect(seen).toContainEqual(
    expect.objectContaining({ type: 'lineage', subtype: 'reveal', agent: 'ann', entityType: 'row', entity: `fact_visit ${unknown}`, reason: 'lineage test' }), // prettier-ignore
  );
});

test.each([
  ['row', 'dim_patient', unknown],
  ['row', 'fact_visit', 'no-id'],
  ['file', unknown, '--line', '0'],
  ['run', unknown, '--reveal'],
  ['run', unknown, '--reason', 'why'],
])('lineage %s %s %s is a mistake in the call', async (...args) => {
  expect((await vigil('lineage', ...args)).code).toBe(2);
});
