import { expect, test } from '@jest/globals';
import { isVigilError } from '@vigil/core';
import { z } from 'zod';
import { inspectDefinition, parseDefinition } from './parse-definition.ts';

const schema = z.strictObject({
  name: z.string(),
  level: z.enum(['low', 'high']).optional(),
  steps: z
    .array(
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('page'), after: z.number(), to: z.strictObject({ role: z.string() }).optional() }),
        z.strictObject({ kind: z.literal('mail'), address: z.string() }),
      ]),
    )
    .default([]),
  table: z.record(z.string(), z.strictObject({ size: z.number() })).optional(),
  pair: z.tuple([z.strictObject({ left: z.number() }), z.number()]).optional(),
});

const problemsOf = (text: string) => {
  const parsed = inspectDefinition(text, schema);
  return parsed.ok ? [] : parsed.problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
};

test('a valid document becomes its value, defaults included', () => {
  expect(parseDefinition('name: ward\n', 'f.yaml', schema)).toEqual({ name: 'ward', steps: [] });
});

test('every problem is reported at once, with line, column and what was probably meant', () => {
  const text = [
    'nmae: ward',
    'level: hihg',
    'steps:',
    '  - kind: page',
    '    aftr: 5',
    '    to: {rloe: nurse}',
    '  - kind: pgae',
    '  - kind: mail',
    '    address: 7',
  ].join('\n');

  expect(problemsOf(text)).toEqual([
    '1:1 name: name is missing',
    '1:1 nmae: unknown field nmae; did you mean name?',
    '2:8 level: unknown value "hihg"; did you mean high?',
    '4:5 steps[0].after: after is missing',
    '5:5 steps[0].aftr: unknown field aftr; did you mean after?',
    '6:9 steps[0].to.role: role is missing',
    '6:10 steps[0].to.rloe: unknown field rloe; did you mean role?',
    '7:11 steps[1].kind: unknown kind pgae; did you mean page?',
    '9:14 steps[2].address: Invalid input: expected string, received number',
  ]);
});

test('a number where a word belongs is shown as it stands', () => {
  expect(problemsOf('name: w\nlevel: 3\nsteps: [{kind: {}}]\n')).toEqual([
    '2:8 level: unknown value 3; expected one of low, high',
    '3:16 steps[0].kind: unknown kind {}; expected one of page, mail',
  ]);
});

test('misspelt words are understood in maps and tuples too', () => {
  expect(problemsOf('name: w\ntable: {a: {size: 1, sise: 2}}\npair: [{left: 1, lfet: 2}, 3]\n')).toEqual([
    '2:22 table.a.sise: unknown field sise; did you mean size?',
    '3:18 pair[0].lfet: unknown field lfet; did you mean left?',
  ]);
});

test.each([
  ['a repeated key', 'name: a\nname: b\n', '2:1 : Map keys must be unique'],
  ['a tab', 'name:\n\t- a\n', '2:1 : Tabs are not allowed as indentation'],
  ['an open bracket', 'name: [a\n', '2:1 : '],
  ['an unknown tag', 'name: !secret a\n', '1:7 : Unresolved tag: !secret'],
  ['an empty document', '', '1:1 : Invalid input: expected object'],
  ['a list instead of a map', '- a\n', '1:1 : Invalid input: expected object'],
  ['an alias without an anchor', 'name: *missing\n', '1:1 : Unresolved alias'],
])('%s is a problem with a place', (_what, text, expected) => {
  expect(problemsOf(text)[0]).toContain(expected);
});

test('a rule between fields may point to where nothing stands yet', () => {
  const paged = schema.check((context) => {
    context.issues.push({ code: 'custom', input: context.value, path: ['steps', 4, 'to'], message: 'somebody must be paged' });
  });
  const parsed = inspectDefinition('name: ward\nsteps: []\n', paged);

  expect(parsed).toEqual({ ok: false, problems: [{ line: 2, column: 8, path: 'steps[4].to', message: 'somebody must be paged' }] });
});

test('an alias bomb is refused, not unfolded', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]', 'b: &b [*a,*a,*a,*a,*a,*a,*a]', 'c: &c [*b,*b,*b,*b,*b,*b,*b]', 'd: [*c,*c,*c,*c,*c]'].join(
    '\n',
  );

  expect(problemsOf(bomb)).toEqual([expect.stringContaining('alias')]);
});

test('the error is BAD_DEFINITION and lists file, line and column', () => {
  let thrown: unknown;
  try {
    parseDefinition('name: 1\nextra: 2\n', 'policy.yaml', schema);
  } catch (error) {
    thrown = error;
  }

  expect(isVigilError(thrown) && thrown.code).toBe('BAD_DEFINITION');
  expect(String(thrown)).toContain(
    'policy.yaml:1:7 name: Invalid input: expected string, received number\npolicy.yaml:2:1 extra: unknown field extra',
  );
});
