import type { StackPaths } from '../paths.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import type { Progress } from '../progress.ts';

/** What every native part is started with. */
export interface PartContext {
  readonly paths: StackPaths;
  readonly ports: Readonly<Record<string, number>>;
  readonly databasePassword: string;
  readonly javaHome: () => Promise<string>;
  readonly progress: Progress;
  /** Remembers a process before it is waited for, so that `down` finds it whatever happens next. */
  readonly record: (process: ProcessIdentity, address: string) => void;
}

export const portOf = (ports: Readonly<Record<string, number>>, name: string): number => {
  const port = ports[name];
  if (port === undefined) throw new Error(`no port was assigned to ${name}`);
  return port;
};
