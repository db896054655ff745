import { expect, test } from '@jest/globals';
import { inspectDefinition } from './parse-definition.ts';
import { workflowSchema } from './workflow/workflow-schema.ts';

const firstOf = (text: string): string => {
  const parsed = inspectDefinition(text, workflowSchema);
  const [first] = parsed.ok ? [] : parsed.problems;
  return first ? `${first.line}:${first.column} ${first.path}: ${first.message}` : '';
};

const many = (count: number, textOf: (at: number) => string): string => Array.from({ length: count }, (_, at) => textOf(at)).join('\n');
const chain = (count: number): string =>
  `name: w\ntasks:\n${many(count, (at) => `- {name: t${at}, type: wait, duration: 1s, depends_on: [${at > 0 ? `t${at - 1}` : ''}]}`)}`;

test('a thousand tasks in a chain are a definition', () => {
  expect(firstOf(chain(1000))).toBe('');
});

/** What would take minutes if anything were compared with everything, or unfolded, ends before the test gives up. */
test.each([
  ['ten thousand tasks', chain(10_000), '3:1 tasks: a workflow has at most 1000 tasks; split it with tasks of type workflow'],
  [
    'a circle of a thousand tasks',
    chain(1000).replace('depends_on: []', 'depends_on: [t999]'),
    '3:52 tasks[0].depends_on: the task waits for itself in a circle',
  ],
  [
    'needs that nothing meets, by the thousand',
    `name: w\ntasks:\n${many(60, (at) => `- {name: ${'t'.repeat(60)}${at}, type: wait, duration: 1s, depends_on: [${many(50, (of) => `${'u'.repeat(60)}${of}`).replaceAll('\n', ',')}]}`)}`,
    '3:',
  ],
  ['a text of more than a megabyte', `name: w # ${'x'.repeat(1024 * 1024)}`, '1:1 : the text is larger than 1 MiB'],
  ['twenty thousand brackets', `name: ${'['.repeat(20_000)}`, 'nested more than 40 levels deep'],
  ['twenty thousand dashes', `name: w\ntasks:\n${'- '.repeat(20_000)}`, 'nested more than 40 levels deep'],
  ['fifty brackets', `name: ${'['.repeat(50)}${']'.repeat(50)}`, 'nested more than 40 levels deep'],
  ['a map in a map in a map', many(50, (at) => `${' '.repeat(at)}a:`), 'nested more than 40 levels deep'],
  ['ten thousand keys', many(10_000, (at) => `key${at}: 1`), '1:1'],
  ['values without end', `name: [${'1,'.repeat(300_000)}1]`, '1:1 : more than 100000 values'],
  ['a word of a megabyte where a known one belongs', `name: w\n${'x'.repeat(900_000)}: 1\ntasks: []`, '2:1'],
])('%s: refused in a moment', (_what, text, expected) => {
  expect(firstOf(text)).toContain(expected);
});

test('no more than a hundred problems are told', () => {
  const parsed = inspectDefinition(`name: w\ntasks:\n${many(900, (at) => `- {name: t${at}, type: wait}`)}`, workflowSchema);

  expect(parsed.ok ? 0 : parsed.problems.length).toBe(100);
});
