import { fleetParts, launchToLines, supervise, type FleetPart, type StackPaths } from '@vigil/stack';

export interface Foreground {
  readonly paths: StackPaths;
  readonly write: (line: string) => void;
  readonly signals: Pick<NodeJS.Process, 'on' | 'off'>;
}

/** Runs parts until a signal comes or one of them ends; then ends the others. Answers the exit code. */
export const runInForeground = async (parts: readonly FleetPart[], { paths, write, signals }: Foreground): Promise<number> => {
  let finish: (code: number) => void = () => {};
  const finished = new Promise<number>((resolve) => {
    finish = resolve;
  });
  const stop = (): void => finish(0);
  signals.on('SIGINT', stop);
  signals.on('SIGTERM', stop);
  const supervisor = supervise(fleetParts(parts, paths), {
    launch: launchToLines(write),
    restart: 'never',
    onEnd: ({ name, lastExit }) => {
      write(`${name} ended: ${lastExit}`);
      finish(typeof lastExit === 'number' ? lastExit : 1);
    },
  });
  const code = await finished;
  await supervisor.stop();
  signals.off('SIGINT', stop);
  signals.off('SIGTERM', stop);
  return code;
};
