import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDirectory, repositoryRoot } from '../paths.ts';
import type { Progress } from '../progress.ts';
import { runCommand } from '../run-command.ts';
import { ensureProgram, type WantedProgram } from './ensure-program.ts';

const pom = join(repositoryRoot, 'infra/stack/pom.xml');
const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';
const registryArtifact = 'io.apicurio:apicurio-registry-app:3.3.3:tar.gz:all';

export interface FetchContext {
  readonly cache: string;
  readonly javaHome: string;
  readonly progress: Progress;
}

/** Fills a directory of the cache once; a second checkout that does it at the same time does no harm. */
export const fillOnce = async (target: string, fill: (draft: string) => Promise<void>): Promise<string> => {
  if (existsSync(target)) return target;
  ensureDirectory(join(target, '..'));
  const draft = mkdtempSync(`${target}.`);
  try {
    await fill(draft);
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
};

const mavenProgram: WantedProgram = {
  program: 'Maven (mvn)',
  executable: 'mvn',
  debianPackage: 'maven',
  elsewhere: 'apt-get install maven, or brew install maven',
};

/** Runs Maven, which is installed where it is missing and may be. */
export const maven = async (args: readonly string[], { javaHome, progress }: FetchContext): Promise<void> => {
  const program = await ensureProgram(mavenProgram, progress);
  await runCommand(program, ['--batch-mode', '--quiet', ...args], { env: { JAVA_HOME: javaHome } });
};

/** The directory that holds Kafka's jars. */
export const fetchKafka = async (context: FetchContext): Promise<string> => {
  const hash = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  return fillOnce(join(context.cache, `kafka-${hash}`), async (draft) => {
    context.progress('fetching Kafka 4.3.1');
    await maven(['-f', pom, `${plugin}:copy-dependencies`, `-DoutputDirectory=${draft}`], context);
  });
};

/** The directory that holds Apicurio's `quarkus-run.jar`. */
export const fetchRegistry = async (context: FetchContext): Promise<string> =>
  fillOnce(join(context.cache, 'apicurio-3.3.3'), async (draft) => {
    context.progress('fetching Apicurio Registry 3.3.3');
    await maven([`${plugin}:copy`, `-Dartifact=${registryArtifact}`, `-DoutputDirectory=${draft}`, '-Dmdep.useBaseVersion=true'], context);
    const archive = join(draft, 'apicurio-registry-app-3.3.3-all.tar.gz');
    await runCommand('tar', ['xzf', archive, '-C', draft]);
    rmSync(archive);
  });
