import { expect, test } from '@jest/globals';
import { startStack } from '@vigil/stack';
import { createTestDatabase } from '@vigil/testing';
import { acquirePositions } from './fenced-positions.ts';
import { openSinkPositions } from './sink-positions.ts';
import { inTransaction } from './transaction.ts';

const request = { topic: 't', partition: 1, topicId: null, startOffset: 7 };

test('the positions of both databases are one list; a database that was never migrated holds none', async () => {
  const [operational, warehouse] = [await createTestDatabase('vigil'), await createTestDatabase('vigil_warehouse')];
  const bare = new URL(operational.url);
  bare.pathname = '/postgres';
  const positions = openSinkPositions([operational.url, warehouse.url, bare.href], 'test');
  try {
    await inTransaction(operational.pool, (transaction) => acquirePositions(transaction, 'alert-router', [request]));
    await inTransaction(warehouse.pool, (transaction) => acquirePositions(transaction, 'warehouse-loader.lake', [request]));

    expect(await positions.read()).toEqual([
      { sink: 'alert-router', topic: 't', partition: 1, nextOffset: 7, epoch: 1 },
      { sink: 'warehouse-loader.lake', topic: 't', partition: 1, nextOffset: 7, epoch: 1 },
    ]);
  } finally {
    await positions.close();
    await Promise.all([operational.drop(), warehouse.drop()]);
  }
}, 60_000);

test('a database that does not answer is told, not taken for empty', async () => {
  const { env } = await startStack();
  const nobody = new URL(env.databaseUrl);
  nobody.port = '1';
  const positions = openSinkPositions([nobody.href], 'test');

  await expect(positions.read()).rejects.toMatchObject({ code: 'DATABASE_AWAY' });
  await positions.close();
}, 60_000);
