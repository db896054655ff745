import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SourceEdit } from './mutant.ts';

const root = join(import.meta.dirname, '../../..');
const engine = 'packages/kafka';
/** What is played and is no dependency: imported by its path. */
const played = [engine, 'services/vitals-windowing', 'packages/runtime/src/lifecycle/hold-halted.ts', 'tests/simulation'];
const ownScope = '@vigil';

/** Dependencies as they are installed, but for the one package that is copied. */
function linkModules(folder: string): void {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, ownScope), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules'))) {
    if (name !== ownScope && !name.startsWith('.')) symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  for (const name of readdirSync(join(root, 'node_modules', ownScope))) {
    const target = name === 'kafka' ? join(folder, engine) : join(root, 'node_modules', ownScope, name);
    symlinkSync(target, join(modules, ownScope, name));
  }
}

/** @throws Error when the text to find does not stand in the file exactly once */
function applyEdit(folder: string, { file, find, replace }: SourceEdit): void {
  const path = join(folder, file);
  const parts = readFileSync(path, 'utf8').split(find);
  if (parts.length !== 2)
    throw new Error(
      `${file} holds ${parts.length - 1} times, not once:\n${find}\nAdapt the mutant in tests/simulation/mutants/mutants.ts.`,
    );
  writeFileSync(path, parts.join(replace));
}

/** A throw-away copy of the engine, the stage that is played and the simulation, with the edits applied. `remove` must be called. */
export function copyWithEdits(edits: readonly SourceEdit[]): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-mutant-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    for (const path of played)
      cpSync(join(root, path), join(folder, path), { recursive: true, filter: (name) => !name.endsWith('.test.ts') });
    symlinkSync(join(root, 'workflows'), join(folder, 'workflows'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    linkModules(folder);
    for (const edit of edits) applyEdit(folder, edit);
  } catch (error) {
    remove();
    throw error;
  }
  return { folder, remove };
}
