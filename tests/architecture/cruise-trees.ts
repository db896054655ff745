// Which rules of a configuration each tree of files violates: node cruise-trees.ts CONFIG TREE…
// One process for all of them: starting dependency-cruiser takes longer than a small tree.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';

const [config = '', ...trees] = process.argv.slice(2);
const options = await extractDepcruiseOptions(config);

const violated: Record<string, readonly string[]> = {};
for (const tree of trees) {
  const tops = readdirSync(tree).map((name) => join(tree, name));
  const { output } = await cruise(tops, options);
  const names = (output as ICruiseResult).summary.violations.map(({ rule }) => rule.name);
  violated[tree] = [...new Set(names)].sort();
}
process.stdout.write(JSON.stringify(violated));
