import type { Progress } from '@vigil/stack';
import { buildConsole } from '@vigil/console';

/** Builds the console where its sources changed. Without it the fleet does all it does, so a failure is told and stops nothing. */
export async function prepareConsole(progress: Progress, build: typeof buildConsole = buildConsole): Promise<void> {
  try {
    const { outcome } = await build();
    if (outcome === 'built') progress('console built');
  } catch (error) {
    progress(`the console is not served, its build failed: ${(error as Error).message.slice(0, 500)}`);
  }
}
