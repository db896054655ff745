import type { z } from 'zod';
import { inspectDefinition, locateProblems, type DefinitionProblem } from '../parse-definition.ts';
import { poolsSchema } from '../pools/pools-schema.ts';
import { schedulesSchema } from '../schedules/schedules-schema.ts';
import { sourcesSchema } from '../sources/sources-schema.ts';
import type { Templates } from '../template/expand-template.ts';
import { templateSchema } from '../template/template-schema.ts';
import { canonicalText, inspectWorkflow } from '../workflow/inspect-workflow.ts';
import { crossProblems, type FolderContents } from './cross-problems.ts';

/** Texts of the files of `workflows/` by their path below it, with `/`. */
export type FolderTexts = Readonly<Record<string, string>>;

export interface FileProblem extends DefinitionProblem {
  /** Below the folder. */
  readonly file: string;
}

export interface InspectedFolder extends FolderContents {
  /** By file, line and column; empty = all of it can be deployed. */
  readonly problems: readonly FileProblem[];
}

const yaml = /\.ya?ml$/;
const filesIn = (texts: FolderTexts, folder: string): string[] =>
  Object.keys(texts)
    .filter((file) => file.startsWith(`${folder}/`) && yaml.test(file))
    .sort();

/** Templates of a folder by their names. */
export const templatesOf = (texts: FolderTexts): Templates =>
  Object.fromEntries(filesIn(texts, 'templates').map((file) => [file.slice('templates/'.length).replace(yaml, ''), texts[file] ?? '']));

type Parsed<Value> = ReturnType<typeof inspectDefinition<Value>>;

/**
 * Reads every file of `workflows/`, each for itself and then what they say of one another.
 *
 * @param topics  names that schedules of events may listen to; null = any
 */
export function inspectFolder(texts: FolderTexts, topics: readonly string[] | null = null): InspectedFolder {
  const problems: FileProblem[] = [];
  const keep = <Value>(file: string, parsed: Parsed<Value>): { file: string; value: Value }[] => {
    if (parsed.ok) return [{ file, value: parsed.value }];
    problems.push(...parsed.problems.map((problem) => ({ file, ...problem })));
    return [];
  };
  const read = <Value>(file: string, schema: z.ZodType<Value>) => keep(file, inspectDefinition(canonicalText(texts[file] ?? ''), schema));
  const readIfThere = <Value>(file: string, schema: z.ZodType<Value>) => (Object.hasOwn(texts, file) ? read(file, schema) : []);

  const templates = templatesOf(texts);
  for (const file of filesIn(texts, 'templates')) read(file, templateSchema);
  const contents: FolderContents = {
    definitions: filesIn(texts, 'definitions').flatMap((file) => keep(file, inspectWorkflow(texts[file] ?? '', templates))),
    schedules: filesIn(texts, 'schedules').flatMap((file) => read(file, schedulesSchema)),
    sources: readIfThere('sources.yaml', sourcesSchema)[0]?.value.sources ?? null,
    pools: readIfThere('pools.yaml', poolsSchema)[0]?.value.pools ?? null,
    topics,
  };
  // With a file that cannot be read, what others say of it would be told as their mistakes.
  const between = problems.length > 0 ? [] : crossProblems(contents);
  const located = between.flatMap(({ file, ...found }) =>
    locateProblems(canonicalText(texts[file] ?? ''), [found]).map((problem) => ({ file, ...problem })),
  );
  const all = [...problems, ...located];
  return {
    ...contents,
    problems: all.sort((a, b) => (a.file < b.file ? -1 : Number(a.file > b.file)) || a.line - b.line || a.column - b.column),
  };
}
