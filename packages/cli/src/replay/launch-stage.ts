import { replayableStage } from './replayable-stages.ts';
import type { StageProcess } from './run-stage.ts';

/** Starts the program of a stage on the local stack, with `environment` on top of what the live one is started with. */
export async function stageLauncher(
  name: string,
  write: (line: string) => void,
): Promise<(environment: Readonly<Record<string, string>>) => StageProcess> {
  const { fleetParts, launchToLines, selectParts, stackPaths, supervise } = await import('@vigil/stack');
  return (environment) => {
    const ended = Promise.withResolvers<string>();
    const [part] = fleetParts(selectParts([replayableStage(name).program]), stackPaths());
    const besides = part ? [{ ...part, env: { ...part.env, VIGIL_LOG_LEVEL: 'warn', ...environment, VIGIL_ADMIN_PORT: '0' } }] : [];
    const supervisor = supervise(besides, {
      launch: launchToLines(write),
      restart: 'never',
      onEnd: ({ lastExit }) => ended.resolve(String(lastExit)),
    });
    return { ended: ended.promise, stop: () => supervisor.stop() };
  };
}
