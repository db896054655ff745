import { exitCodeOf, runService } from '@vigil/runtime';
import { startTarget } from './adapters/start-target.ts';
import { parseTarget } from './domain/parse-target.ts';

try {
  await startTarget(parseTarget(process.argv.slice(2)), runService);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : 'An unexpected failure.'}\n`);
  process.exitCode = exitCodeOf(error);
}
