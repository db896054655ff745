// Regenerates everything that follows from a source of truth; tests compare the results with what is committed.
// With --release the present form of every schema is added to schemas/released/, which later edits are held against.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { releaseFiles } from '../packages/contracts/src/evolution/releases.ts';
import { contractProblems, generateContracts } from '../packages/contracts/src/generation/generate-contracts.ts';
import type { GeneratedFile } from '../packages/contracts/src/generation/generated-file.ts';
import { readSchemas } from '../packages/contracts/src/generation/schema-files.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function write(files: readonly GeneratedFile[]): void {
  for (const { path, text } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

const problems = contractProblems(root);
if (problems.length > 0) {
  console.error(`Nothing was generated:\n${problems.join('\n')}`);
  process.exit(1);
}
write(generateContracts(root));
if (process.argv.includes('--release')) write(releaseFiles(root, readSchemas(root)));

// Loaded only now: the pages are made from the catalogue as just generated.
const { generateReference } = await import('../packages/contracts/src/reference/generate-reference.ts');
write(generateReference(root));

const { generateDefinitionsReference } = await import('../packages/definitions/src/reference/generate-definitions-reference.ts');
write(generateDefinitionsReference());

// Likewise the settings and metrics of the services, which are built on those types.
const { generateRuntimeReference } = await import('./runtime-reference.ts');
write(await generateRuntimeReference(root));

// The console's view of that API.
const { apiTypesText } = await import('../packages/console/src/build/write-api-types.ts');
const document = readFileSync(join(root, 'docs/reference/orchestrator-api.openapi.json'), 'utf8');
write([{ path: 'packages/console/src/generated/api-types.ts', text: apiTypesText(JSON.parse(document)) }]);
