// Regenerates everything that follows from a source of truth; tests compare the results with what is committed.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateContracts, type GeneratedFile } from '../packages/contracts/src/generation/generate-contracts.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function write(files: readonly GeneratedFile[]): void {
  for (const { path, text } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

write(generateContracts(root));
