import { readFileSync } from 'node:fs';
import { VigilError } from '@vigil/core';
import {
  diffDefinitions,
  inspectWorkflow,
  listProblems,
  readFolder,
  templatesOf,
  type DefinitionDiff,
  type FieldChange,
  type Templates,
  type WorkflowDefinition,
} from '@vigil/definitions';

export interface DefinitionFileDiff extends DefinitionDiff {
  readonly before: string;
  readonly after: string;
  readonly changed: boolean;
}

/**
 * One definition.
 *
 * @throws VigilError BAD_DEFINITION with every problem
 */
function definitionOf(file: string, text: string, templates: Templates): WorkflowDefinition {
  const parsed = inspectWorkflow(text, templates);
  if (parsed.ok) return parsed.value;
  throw new VigilError('BAD_DEFINITION', { detail: `\n${listProblems(file, parsed.problems)}\n` });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new VigilError('BAD_DEFINITION', { detail: `${file} cannot be read.`, cause });
  }
}

/** Two texts of a definition, such as what is deployed and what lies in a folder. @throws VigilError BAD_DEFINITION */
function diffTexts(
  before: { readonly file: string; readonly text: string },
  after: { readonly file: string; readonly text: string },
  templates: Templates,
): DefinitionFileDiff {
  const diff = diffDefinitions(definitionOf(before.file, before.text, templates), definitionOf(after.file, after.text, templates));
  return { before: before.file, after: after.file, changed: diff.fields.length > 0 || diff.tasks.length > 0, ...diff };
}

/** Two files of definitions; templates from `folder`. @throws VigilError BAD_DEFINITION */
export const diffFiles = (before: string, after: string, folder: string): DefinitionFileDiff =>
  diffTexts({ file: before, text: textOf(before) }, { file: after, text: textOf(after) }, templatesOf(readFolder(folder)));

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
const fieldLine = (indent: string, { field, before, after }: FieldChange): string =>
  `${indent}${field}: ${shown(before)} → ${shown(after)}`;
const signs = { added: '+', removed: '-', changed: '~' } as const;

/** For people: changed fields of the workflow, tasks with +, - or ~, and what a run that is moved keeps. */
export function diffText({ changed, fields, tasks, unchangedTasks }: DefinitionFileDiff): string {
  if (!changed) return 'no change';
  const kept = unchangedTasks.length === 0 ? 'no task keeps its results' : `keep their results: ${unchangedTasks.join(', ')}`;
  return [
    ...fields.map((change) => fieldLine('', change)),
    ...tasks.flatMap(({ name, change, fields: ofTask }) => [`${signs[change]} ${name}`, ...ofTask.map((each) => fieldLine('    ', each))]),
    kept,
  ].join('\n');
}
