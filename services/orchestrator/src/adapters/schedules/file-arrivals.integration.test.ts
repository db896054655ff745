import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '@vigil/testing';
import { createFileArrivals } from './create-file-arrivals.ts';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase('vigil');
  folder = mkdtempSync(join(tmpdir(), 'vigil-arrivals-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await database.drop();
});

test('a file of a drop folder is told when it is whole, by its id; a source without files is refused', async () => {
  const inbox = join(folder, 'inbox');
  mkdirSync(inbox);
  writeFileSync(
    join(folder, 'sources.yaml'),
    `sources:\n  inbox: {kind: local, records: visits, address: {env: INBOX}, format: csv, ready: {rule: stable, polls: 2}, poll: 10ms}\n`,
  );
  writeFileSync(join(inbox, 'visits_1.csv'), 'patient_id\nPAT_1\n');
  writeFileSync(join(inbox, 'notes.txt'), 'no visits');
  const arrivals = createFileArrivals({
    pool: database.pool,
    sourcesFile: join(folder, 'sources.yaml'),
    environment: { INBOX: inbox },
    signal: new AbortController().signal,
  });

  const found = await arrivals.poll('inbox', 'visits_*.csv');
  const { rows } = await database.pool.query('SELECT file_id AS "fileId", state FROM orchestration.file');
  expect(rows).toEqual([{ fileId: found[0]?.fileId, state: 'STABLE' }]);
  expect(await arrivals.poll('inbox', 'visits_*.csv')).toEqual(found);
  await expect(arrivals.poll('nowhere', '*')).rejects.toMatchObject({ code: 'BAD_DEFINITION' });
});
