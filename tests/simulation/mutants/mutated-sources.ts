import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SourceEdit } from './mutant.ts';

const root = join(import.meta.dirname, '../../..');
const engine = 'packages/kafka';
/** What is played and is no dependency: imported by its path. */
const played = [engine, 'services/vitals-windowing', 'packages/runtime/src/lifecycle/hold-halted.ts', 'tests/simulation'];
const ownScope = '@vigil';

/** Inside the project, so that all but our own packages is found in its `node_modules`. */
const copies = join(root, '.vigil/mutants');

/** Our own packages as they are installed, but for the one that is copied. */
function linkOwnPackages(folder: string): void {
  const packages = join(folder, 'node_modules', ownScope);
  mkdirSync(packages, { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules', ownScope))) {
    symlinkSync(name === 'kafka' ? join(folder, engine) : join(root, 'node_modules', ownScope, name), join(packages, name));
  }
}

/** @throws Error when the text to find does not stand in the file exactly once */
function edited(text: string, { file, find, replace }: SourceEdit): string {
  const parts = text.split(find);
  if (parts.length !== 2)
    throw new Error(
      `${file} holds ${parts.length - 1} times, not once:\n${find}\nAdapt the mutant in tests/simulation/mutants/mutants.ts.`,
    );
  return parts.join(replace);
}

const isTest = (file: string): boolean => file.endsWith('.test.ts');
const isCopied = (file: string): boolean => !isTest(file) && played.some((path) => file === path || file.startsWith(`${path}/`));

/**
 * The edited files by name, each edit made to what those before it left.
 *
 * @throws Error when an edit does not find its place in what is copied
 */
export function editedFiles(edits: readonly SourceEdit[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const edit of edits) {
    if (!isCopied(edit.file)) throw new Error(`${edit.file} is not among what a mutant copies: ${played.join(', ')}.`);
    texts.set(edit.file, edited(texts.get(edit.file) ?? readFileSync(join(root, edit.file), 'utf8'), edit));
  }
  return texts;
}

/** A throw-away copy of the engine, the stage that is played and the simulation, with the edits applied. `remove` must be called. */
export function copyWithEdits(edits: readonly SourceEdit[]): { readonly folder: string; readonly remove: () => void } {
  const texts = editedFiles(edits);
  mkdirSync(copies, { recursive: true });
  const folder = mkdtempSync(join(copies, 'mutant-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    for (const path of played) cpSync(join(root, path), join(folder, path), { recursive: true, filter: (name) => !isTest(name) });
    symlinkSync(join(root, 'workflows'), join(folder, 'workflows'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    linkOwnPackages(folder);
    for (const [file, text] of texts) writeFileSync(join(folder, file), text);
  } catch (error) {
    remove();
    throw error;
  }
  return { folder, remove };
}
