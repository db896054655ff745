import { resolve } from 'node:path';
import { topics } from '@vigil/contracts';
import { inspectFolder, listProblems, readFolder, schedulesOf, sha256OfDefinition, deployedText, templatesOf } from '@vigil/definitions';

export interface ValidatedWorkflow {
  readonly workflow: string;
  readonly file: string;
  readonly tasks: number;
  readonly schedules: number;
  /** Of the text as it would be deployed. */
  readonly sha256: string;
}

export interface ValidatedFolder {
  readonly valid: boolean;
  readonly folder: string;
  readonly workflows: readonly ValidatedWorkflow[];
  readonly problems: readonly {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly path: string;
    readonly message: string;
  }[];
}

/**
 * Reads every file of a folder like `workflows/`; nothing is deployed.
 *
 * @throws VigilError BAD_DEFINITION where a file is not UTF-8
 */
export function validateDefinitions(folder: string): ValidatedFolder {
  const texts = readFolder(folder);
  const { definitions, schedules, problems } = inspectFolder(
    texts,
    Object.values(topics).map(({ name }) => name),
  );
  const outside = schedules.flatMap(({ value }) => value.schedules);
  const workflows = definitions.map(({ file, value }) => ({
    workflow: value.name,
    file,
    tasks: value.tasks.length,
    schedules: schedulesOf(value).length + outside.filter(({ workflow }) => workflow === value.name).length,
    sha256: sha256OfDefinition(deployedText(texts[file] ?? '', templatesOf(texts))),
  }));
  return { valid: problems.length === 0, folder: resolve(folder), workflows, problems };
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

/** For people: the problems as `file:line:column path: message`, else the workflows. */
export function validationText({ folder, valid, workflows, problems }: ValidatedFolder): string {
  if (!valid) {
    const lines = problems.map(({ file, ...problem }) => listProblems(`${folder}/${file}`, [problem]));
    return [...lines, count(problems.length, 'problem')].join('\n');
  }
  const lines = workflows.map(
    ({ workflow, tasks, schedules, sha256 }) =>
      `${workflow.padEnd(40)}${count(tasks, 'task').padEnd(10)}${count(schedules, 'schedule').padEnd(13)}${sha256.slice(0, 12)}`,
  );
  return [...lines, `${folder}: ${count(workflows.length, 'workflow')}, all valid`].join('\n');
}
