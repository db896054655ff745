import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Text by path below the root. */
export type Sources = ReadonlyMap<string, string>;

const declared = /^export (?:async )?(?:const|function\*?|class) ([\w$]+)/gm;
const isHeld = (path: string): boolean => /^(packages|services)\//.test(path) && !path.includes('/generated/');

/** Every source of ours, whoever may use an export. */
export function readSources(root: string): Sources {
  const paths = globSync('{packages,services,tests,scripts,load-tests}/**/*.{ts,tsx,mjs,cjs}', {
    cwd: root,
    exclude: (name) => /(^|\/)(node_modules|dist)$/.test(name),
  });
  return new Map(paths.map((path) => [path.replaceAll('\\', '/'), readFileSync(join(root, path), 'utf8')]));
}

/**
 * Exported values whose name stands in no other file, as `path: name`.
 * By names, not by imports: it misses a namesake, and accuses nobody wrongly. Types are left out: the shape of an exported
 * function may have a name without anybody saying it.
 */
export function unusedExports(sources: Sources): readonly string[] {
  const files = new Map<string, number>();
  for (const text of sources.values()) for (const name of new Set(text.match(/[\w$]+/g))) files.set(name, (files.get(name) ?? 0) + 1);
  return [...sources]
    .filter(([path]) => isHeld(path))
    .flatMap(([path, text]) => [...text.matchAll(declared)].map(([, name = '']) => ({ path, name })))
    .filter(({ name }) => files.get(name) === 1)
    .map(({ path, name }) => `${path}: ${name}`);
}
