import { join } from 'node:path';
import { ensureDatabases, withDatabase } from '../databases.ts';
import { ensureDirectory } from '../paths.ts';
import { requireFreePort } from '../ports.ts';
import { httpAnswers } from '../probes.ts';
import { requireFullCompatibility } from '../registry-rule.ts';
import { spawnPart } from '../spawn-part.ts';
import { waitUntilReady } from '../wait-until-ready.ts';
import { fetchRegistry } from './fetch-programs.ts';
import { portOf, type PartContext } from './part-context.ts';

const javaOptions = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

/**
 * Apicurio with the Confluent API, schemas in PostgreSQL so that ids survive a restart.
 *
 * @param server  URL of the database server; the registry has a database of its own there
 */
export const startRegistry = async (context: PartContext, server: string): Promise<void> => {
  const { paths, ports, progress, record } = context;
  const port = portOf(ports, 'registry');
  const managementPort = portOf(ports, 'registry-management');
  const javaHome = await context.javaHome();
  const program = await fetchRegistry({ cache: paths.cache, javaHome, progress });
  const directory = join(paths.home, 'registry');
  ensureDirectory(directory);
  await requireFreePort('registry', port);
  await requireFreePort('registry-management', managementPort);

  await ensureDatabases(server, ['registry']);
  const database = new URL(withDatabase(server, 'registry'));
  const logFile = join(paths.logs, 'registry.log');
  const process = await spawnPart({
    name: 'registry',
    program: join(javaHome, 'bin', 'java'),
    args: [
      ...javaOptions,
      '-Dquarkus.http.host=127.0.0.1',
      `-Dquarkus.http.port=${port}`,
      '-Dquarkus.management.host=127.0.0.1',
      `-Dquarkus.management.port=${managementPort}`,
      // A connection that died with a restart of PostgreSQL is noticed before it is used, not after.
      '-Dquarkus.datasource.postgresql.jdbc.validate-on-borrow=true',
      '-Dapicurio.datasource.jdbc.initial-size=2',
      '-Dapicurio.datasource.jdbc.min-size=2',
      '-Dapicurio.datasource.jdbc.max-size=20',
      '-jar',
      join(program, 'quarkus-run.jar'),
    ],
    env: {
      APICURIO_STORAGE_KIND: 'sql',
      APICURIO_STORAGE_SQL_KIND: 'postgresql',
      APICURIO_DATASOURCE_URL: `jdbc:postgresql://${database.host}${database.pathname}`,
      APICURIO_DATASOURCE_USERNAME: decodeURIComponent(database.username),
      APICURIO_DATASOURCE_PASSWORD: decodeURIComponent(database.password),
    },
    cwd: directory,
    logFile,
  });
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  record(process, url);
  await waitUntilReady({ name: 'registry', process, logFile, probe: async () => httpAnswers(`${url}/subjects`) });
  await requireFullCompatibility(url);
};
