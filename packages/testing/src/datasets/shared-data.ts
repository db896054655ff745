import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A folder of the third-party data beside the repository; null, with a line on standard error, where it is absent. */
export function sharedData(folder: string): string | null {
  const path = fileURLToPath(new URL(`../../../../../shared/data/${folder}`, import.meta.url));
  if (existsSync(path)) return path;
  process.stderr.write(`skipped: ${folder} is not in ../shared/data\n`);
  return null;
}
