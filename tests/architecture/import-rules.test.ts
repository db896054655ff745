import { afterAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../..');

const nothing = 'export const nothing = 0;\n';
const imports = (path: string) => `import { nothing } from '${path}';\nexport const seen = nothing;\n`;

const keepsTheRules: Record<string, string> = {
  'services/a/package.json': '{"name":"a","dependencies":{"pg":"*"}}',
  'services/a/src/domain/score.ts': nothing,
  'services/a/src/handlers/handle.ts': imports('../domain/score.ts'),
  'services/a/src/adapters/store.ts': `import pg from 'pg';\nexport const nothing = pg;\n`,
  'services/a/src/main.ts': imports('./adapters/store.ts'),
};

const packageFixture = (name: string): [string, Record<string, string>] => [
  `package-${name}`,
  { [`packages/${name}/src/index.ts`]: imports('../../cli/src/x.ts'), 'packages/cli/src/x.ts': nothing },
];

const fixtures: readonly [rule: string, files: Record<string, string>][] = [
  ['service-to-service', { 'services/a/src/x.ts': imports('../../b/src/y.ts'), 'services/b/src/y.ts': nothing }],
  ['package-to-service', { 'packages/cli/src/x.ts': imports('../../../services/b/src/y.ts'), 'services/b/src/y.ts': nothing }],
  ...[
    'core',
    'contracts',
    'definitions',
    'stack',
    'kafka',
    'claim-formats',
    'postgres',
    'runtime',
    'console',
    'workflows',
    'sources',
    'batch',
  ].map(packageFixture),
  ['domain-is-pure', { 'services/a/src/domain/x.ts': imports('../handlers/y.ts'), 'services/a/src/handlers/y.ts': nothing }],
  ['domain-is-pure', { 'services/a/src/domain/x.ts': `import { readFileSync } from 'node:fs';\nexport const x = readFileSync;\n` }],
  ['handlers-do-no-io', { 'services/a/src/handlers/x.ts': `import pg from 'pg';\nexport const x = pg;\n` }],
  ['handlers-do-no-io', { 'services/a/src/handlers/x.ts': `import { createServer } from 'node:http';\nexport const x = createServer;\n` }],
  ['only-main-imports-adapters', { 'services/a/src/topology.ts': imports('./adapters/y.ts'), 'services/a/src/adapters/y.ts': nothing }],
  ['kafkajs-in-one-package', { 'services/a/src/adapters/x.ts': `import { Kafka } from 'kafkajs';\nexport const x = Kafka;\n` }],
  [
    'no-cycles',
    { 'packages/cli/src/x.ts': imports('./y.ts'), 'packages/cli/src/y.ts': `export { seen } from './x.ts';\nexport const nothing = 0;\n` },
  ],
  ['declared', { 'packages/cli/package.json': '{"name":"x"}', 'packages/cli/src/x.ts': `import { z } from 'zod';\nexport const x = z;\n` }],
  ['resolvable', { 'packages/cli/src/x.ts': imports('./nowhere.ts') }],
];

mkdirSync(join(root, '.vigil'), { recursive: true });
// Inside the checkout, so that libraries resolve as they do for real code.
const house = mkdtempSync(join(root, '.vigil/import-rules-'));
afterAll(() => rmSync(house, { recursive: true, force: true }));

function write(files: Record<string, string>): string {
  const tree = mkdtempSync(join(house, 'tree-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  return tree;
}

/** The names of the rules that each tree violates. */
function cruise(trees: readonly string[]): Record<string, readonly string[]> {
  cpSync(join(root, '.dependency-cruiser.cjs'), join(house, 'rules.cjs'));
  // The real configuration leaves .vigil out, and that is where these trees stand.
  const config = join(house, 'config.cjs');
  writeFileSync(
    config,
    `const rules = require('./rules.cjs'); rules.options.doNotFollow = { path: 'node_modules' }; module.exports = rules;`,
  );
  const printed = execFileSync(process.execPath, [join(import.meta.dirname, 'cruise-trees.ts'), config, ...trees], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  return JSON.parse(printed) as Record<string, readonly string[]>;
}

const good = write(keepsTheRules);
const trees = fixtures.map(([rule, files]) => [rule, write(files)] as const);
const violated = cruise([good, ...trees.map(([, tree]) => tree)]);

test('a tree that keeps the rules violates none', () => {
  expect(violated[good]).toEqual([]);
});

test.each(trees)('%s fires on its fixture', (rule, tree) => {
  expect(violated[tree]).toContain(rule);
});

test('every rule of the configuration has a fixture here', () => {
  const config = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as { forbidden: { name: string }[] };
  const covered = new Set(fixtures.map(([rule]) => rule));

  expect(config.forbidden.map(({ name }) => name).filter((name) => !covered.has(name))).toEqual([]);
});
