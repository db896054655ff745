import { hostAndPort } from '../host-and-port.ts';
import type { NativeOptions } from '../native/start-native.ts';
import { isListening } from '../ports.ts';
import { partNames, type PartName, type PartState, type StackState } from '../state-file.ts';
import { composeDown, type ComposeOptions, type ContainedName } from './compose.ts';
import { startContainers } from './start-containers.ts';

/** Whether docker-compose.yml holds this part: the stand-in for servers of others has files that tests and people put down. */
export const isContained = (name: PartName): name is ContainedName => name !== 'sftp';

/** Starts parts as containers and remembers them. */
export const startContained = async (names: readonly ContainedName[], { keeper, paths, progress }: NativeOptions): Promise<void> => {
  const { ports, databasePassword } = keeper.state();
  const started = await startContainers({ names, ports, databasePassword, home: paths.home, progress });
  for (const [name, part] of started) keeper.setPart(name, part);
};

/** A container is asked for by its port. */
export const containedRuns = async ({ mode, address }: PartState): Promise<boolean> => {
  const { host, port } = hostAndPort(address);
  return mode === 'compose' && isListening(host, port);
};

/** Stops the containers of this state, if there are any; answers the names of their parts. */
export const stopContained = async ({ parts }: StackState, options: ComposeOptions): Promise<PartName[]> => {
  const names = partNames.filter((name) => parts[name]?.mode === 'compose');
  if (names.length > 0) await composeDown(options);
  return names;
};
