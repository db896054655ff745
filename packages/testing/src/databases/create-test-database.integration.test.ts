import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { createTestDatabase } from './create-test-database.ts';

test('the template is made once, and databases made from it are strangers', async () => {
  const template = `test_template_${randomBytes(6).toString('hex')}`;
  const [first, second] = await Promise.all([createTestDatabase('vigil', template), createTestDatabase('vigil', template)]);
  await first.pool.query('CREATE TABLE mine (n int)');
  await expect(second.pool.query('SELECT * FROM mine')).rejects.toMatchObject({ code: '42P01' });
  expect((await second.pool.query('SELECT * FROM clinical.vital_reading')).rowCount).toBe(0);

  await first.drop();
  await second.pool.query(`ALTER DATABASE ${template} IS_TEMPLATE false`);
  await second.pool.query(`DROP DATABASE ${template}`);
  await second.drop();
});
