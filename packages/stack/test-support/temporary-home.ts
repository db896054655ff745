import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of its own for a test; `remove` in `afterAll`. */
export const temporaryDirectory = (): { path: string; remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), 'vigil-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};
