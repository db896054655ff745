import { expect, test } from '@jest/globals';
import { canonicalText, deployedText, inspectWorkflow, sha256OfDefinition } from '../workflow/inspect-workflow.ts';

const templates = {
  job: `
parameters:
  source: {type: string}
  score: {type: number, default: 0.9}
workflow:
  description: "from \${source} at \${score}, \${parameters.k}"
  tasks:
    - {name: extract, type: batch, source: "\${source}", file_pattern: "*"}
    - {name: check, type: validation, depends_on: [extract], quality: {minimum_score: "\${score}"}}
`,
  broken: 'parameters: {}\nworkflw: {}\n',
};

const inspect = (text: string) => inspectWorkflow(text, templates);
const problemsOf = (text: string): string[] => {
  const parsed = inspect(text);
  return parsed.ok ? [] : parsed.problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`);
};

const usual = 'name: w\ntemplate: job\nwith: {source: ehr_sftp}\n';

test('a definition takes its tasks from a template: parameters keep their type, own fields go before, own tasks come behind', () => {
  const text = `${usual}priority: 7\ntasks:\n  - {name: load, type: storage, destination: warehouse, depends_on: [check]}\n`;
  const parsed = inspect(text);

  expect(parsed.ok && parsed.value).toMatchObject({
    name: 'w',
    priority: 7,
    description: 'from ehr_sftp at 0.9, ${parameters.k}',
    tasks: [{ name: 'extract', source: 'ehr_sftp' }, { name: 'check', quality: { minimum_score: 0.9 } }, { name: 'load' }],
  });
});

test('what is deployed stands alone: the template may change afterwards', () => {
  const alone = deployedText(usual, templates);

  expect(alone).not.toContain('template');
  expect(inspectWorkflow(alone, {})).toEqual(inspect(usual));
});

test.each([
  ['an unknown template', 'name: w\ntemplate: jbo\n', '2:11 template: no template is named jbo; did you mean job?'],
  ['no template by the name of a method', 'name: w\ntemplate: toString\n', 'no template is named toString'],
  [
    'a template that is not valid',
    'name: w\ntemplate: broken\n',
    '2:11 template: the template is not valid: broken:1:1 workflow: workflow is missing',
  ],
  ['a missing parameter', 'name: w\ntemplate: job\n', '2:11 template: source is missing'],
  ['a misspelt parameter', `${usual.trim().replace('}', ', scroe: 1}')}\n`, '3:26 with.scroe: unknown field scroe; did you mean score?'],
  ['a parameter of another type', `${usual.trim().replace('}', ', score: high}')}\n`, '3:33 with.score: expected a number'],
  ['parameters that are a list', 'name: w\ntemplate: job\nwith: [a]\n', '3:7 with: expected parameters of the template by name'],
  [
    'a parameter that does not fit its place',
    'name: w\ntemplate: job\nwith: {source: EHR}\n',
    '3:16 with.source: expected a name of lower-case letters, digits and underscores (template job, tasks.0.source)',
  ],
  ['a mistake in an own task', `${usual}tasks:\n  - {name: x, type: wiat}\n`, '5:21 tasks[0].type: unknown type wiat; did you mean wait?'],
  ['a mistake in an own field', `${usual}prioritty: 7\n`, '4:1 prioritty: unknown field prioritty; did you mean priority?'],
  [
    'an own task that collides with one of the template',
    `${usual}tasks:\n  - {name: check, type: wait, duration: 1s}\n`,
    '5:12 tasks[0].name: another task is already named check',
  ],
])('%s is shown in the definition, where it can be mended', (_what, text, expected) => {
  expect(problemsOf(text).join('\n')).toContain(expected);
});

test('a default of the template that does not fit is shown where the template is named', () => {
  const parsed = inspectWorkflow(usual, { job: templates.job.replace('0.9}', '9}') });

  expect(parsed.ok ? [] : parsed.problems).toMatchObject([{ line: 2, column: 11, path: 'template' }]);
});

test('ends of lines and a byte-order mark make no other version', () => {
  const text = 'name: w\ntasks: [{name: t, type: wait, duration: 1s}]\n';
  const edited = `\u{FEFF}${text.replaceAll('\n', '\r\n')}`;

  expect(canonicalText(edited)).toBe(text);
  expect(sha256OfDefinition(edited)).toBe(sha256OfDefinition(text));
  expect(sha256OfDefinition(text)).not.toBe(sha256OfDefinition(`${text}# a comment\n`));
  expect(deployedText(edited, {})).toBe(text);
  expect(inspectWorkflow(edited, {}).ok).toBe(true);
});
