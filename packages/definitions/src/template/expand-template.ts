import { didYouMean } from '../did-you-mean.ts';
import type { Path } from '../findings.ts';
import { inspectDefinition, listProblems, type Expansion } from '../parse-definition.ts';
import { fillTemplate } from './fill-template.ts';
import { templateSchema, type Template } from './template-schema.ts';

/** Texts of templates by name: the files of `workflows/templates` without their ending. */
export type Templates = Readonly<Record<string, string>>;

type Fields = Readonly<Record<string, unknown>>;
type Problem = Extract<Expansion, { ok: false }>['problems'][number];

const isFields = (value: unknown): value is Fields => value !== null && typeof value === 'object' && !Array.isArray(value);

function givenProblems({ parameters }: Template, given: Fields): Problem[] {
  const unknown = Object.keys(given)
    .filter((name) => !Object.hasOwn(parameters, name))
    .map((name) => ({ path: ['with', name], key: name, message: `unknown field ${name}${didYouMean(name, Object.keys(parameters))}` }));
  const unfit = Object.entries(parameters).flatMap(([name, { type, default: otherwise }]): Problem[] => {
    const value = given[name];
    if (value === undefined) return otherwise === undefined ? [{ path: ['with', name], message: `${name} is missing` }] : [];
    return typeof value === type ? [] : [{ path: ['with', name], message: `expected a ${type}` }];
  });
  return [...unknown, ...unfit];
}

const tasksOf = (fields: Fields): readonly unknown[] => (Array.isArray(fields.tasks) ? fields.tasks : []);

/** The template's fields, the definition's own over them; its own tasks come behind the template's. */
function joined(name: string, filled: ReturnType<typeof fillTemplate>, definition: Fields): Expansion {
  const { template: _template, with: given = {}, ...own } = definition;
  const base = filled.value as Fields;
  const baseTasks = tasksOf(base);
  const value = { ...base, ...own, ...('tasks' in base && { tasks: [...baseTasks, ...tasksOf(own)] }) };

  const originOf = (path: Path): { path: Path; note: string } => {
    const [first, second, ...rest] = path;
    if (first === 'tasks' && 'tasks' in base) {
      if (typeof second === 'number' && second >= baseTasks.length)
        return { path: ['tasks', second - baseTasks.length, ...rest], note: '' };
    } else if (first === undefined || Object.hasOwn(own, first)) return { path, note: '' };
    const parameter = filled.parameterAt(path);
    const place = parameter !== undefined && Object.hasOwn(given as Fields, parameter) ? ['with', parameter] : ['template'];
    return { path: place, note: ` (template ${name}, ${path.join('.')})` };
  };
  return { ok: true, value, originOf };
}

/** Puts the template of a definition in its place, before it is validated: `template: name` and `with: {parameter: value}`. */
export const expandTemplate =
  (templates: Templates) =>
  (value: unknown): Expansion => {
    if (!isFields(value) || value.template === undefined) return { ok: true, value, originOf: (path) => ({ path, note: '' }) };
    const refuse = (...problems: Problem[]): Expansion => ({ ok: false, problems });
    const name = typeof value.template === 'string' ? value.template.slice(0, 100) : '';
    const text = Object.hasOwn(templates, name) ? templates[name] : undefined;
    if (text === undefined) {
      return refuse({ path: ['template'], message: `no template is named ${name}${didYouMean(name, Object.keys(templates))}` });
    }
    const template = inspectDefinition(text, templateSchema);
    if (!template.ok) return refuse({ path: ['template'], message: `the template is not valid: ${listProblems(name, template.problems)}` });
    const given = value.with ?? {};
    if (!isFields(given)) return refuse({ path: ['with'], message: 'expected parameters of the template by name' });
    const problems = givenProblems(template.value, given);
    // Without `with` there is no better place than where the template is named.
    if (problems.length > 0) return refuse(...problems.map((each) => (value.with === undefined ? { ...each, path: ['template'] } : each)));
    const defaults = Object.entries(template.value.parameters).map(([parameter, { default: otherwise }]) => [parameter, otherwise]);
    return joined(name, fillTemplate(template.value.workflow, { ...Object.fromEntries(defaults), ...given }), value);
  };
