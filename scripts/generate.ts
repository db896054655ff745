// Regenerates everything that follows from a source of truth; a test compares the result with what is committed.
import { writeFileSync } from 'node:fs';
import { generateContracts } from '../packages/contracts/scripts/generate-contracts.ts';

for (const { path, text } of generateContracts()) writeFileSync(path, text);
