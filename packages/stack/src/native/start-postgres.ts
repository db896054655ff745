import { chmodSync, chownSync, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { databaseUrl, ensureDatabases, postgresAnswers } from '../databases.ts';
import { entriesOf } from '../find-program.ts';
import { ensureDirectory } from '../paths.ts';
import { requireFreePort } from '../ports.ts';
import { runCommand } from '../run-command.ts';
import { spawnPart } from '../spawn-part.ts';
import { waitUntilReady } from '../wait-until-ready.ts';
import { ensureProgram, type WantedProgram } from './ensure-program.ts';
import { portOf, type PartContext } from './part-context.ts';

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Debian keeps the server's programs out of `PATH`, one directory for each version; the newest first. */
const serverDirectories = (): string[] =>
  entriesOf('/usr/lib/postgresql')
    .sort((left, right) => right.localeCompare(left, 'en', { numeric: true }))
    .map((version) => join(version, 'bin'));

const postgresServer: WantedProgram = {
  program: 'PostgreSQL 15 or newer (postgres, initdb)',
  executable: 'postgres',
  debianPackage: 'postgresql',
  elsewhere: 'apt-get install postgresql, or brew install postgresql@15',
  directories: serverDirectories,
};

/** PostgreSQL refuses to run as root: there the user that Debian's package made. */
export const serverUser = async (userId = process.getuid?.()): Promise<User | undefined> => {
  if (userId !== 0) return undefined;
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async (what) => runCommand('id', [what, 'postgres'])));
  return { uid: Number(uid), gid: Number(gid) };
};

const isOpenToOthers = (directory: string): boolean => {
  const parent = dirname(directory);
  return (statSync(directory).mode & 0o001) !== 0 && (parent === directory || isOpenToOthers(parent));
};

/** A checkout below a private directory cannot be entered by another user: then the cluster lies in the system's temporary files. */
export const clusterDirectory = (home: string, user: User | undefined): string => {
  if (user === undefined || isOpenToOthers(home)) return join(home, 'postgres');
  return join('/var/tmp', `vigil-postgres-${createHash('sha256').update(home).digest('hex').slice(0, 12)}`);
};

const postgresSettings = (port: number): string =>
  Object.entries({
    listen_addresses: "'127.0.0.1'",
    port,
    unix_socket_directories: "''",
    max_connections: 200,
    shared_buffers: "'256MB'",
    wal_level: 'logical',
    // A slot that nobody reads is lost before the disk is full.
    max_slot_wal_keep_size: "'4GB'",
    max_wal_size: "'2GB'",
    max_prepared_transactions: 20,
    timezone: "'UTC'",
    log_timezone: "'UTC'",
  })
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');

const createCluster = async (directory: string, programs: string, user: User | undefined, password: string): Promise<void> => {
  const passwordFile = `${directory}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) chownSync(passwordFile, user.uid, user.gid);
  try {
    await runCommand(
      join(programs, 'initdb'),
      [
        '-D',
        directory,
        '--username=vigil',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--no-sync',
      ],
      { user, cwd: '/' },
    );
  } finally {
    rmSync(passwordFile);
  }
};

/** Of the fleet, of the warehouse, and the one that stands in for the hospital's own research database. */
const localDatabases = ['vigil', 'vigil_warehouse', 'vigil_research'];

/** A private PostgreSQL cluster with its databases. */
export const startPostgres = async ({ paths, ports, databasePassword, progress, record }: PartContext): Promise<void> => {
  const port = portOf(ports, 'postgres');
  const programs = dirname(await ensureProgram(postgresServer, progress));
  const user = await serverUser();
  const directory = clusterDirectory(paths.home, user);
  await requireFreePort('postgres', port);
  ensureDirectory(directory);
  chmodSync(directory, 0o700);
  if (user !== undefined) chownSync(directory, user.uid, user.gid);
  if (!existsSync(join(directory, 'PG_VERSION'))) await createCluster(directory, programs, user, databasePassword);
  writeFileSync(join(directory, 'postgresql.auto.conf'), postgresSettings(port));
  const logFile = join(paths.logs, 'postgres.log');
  const process = await spawnPart({
    name: 'postgres',
    program: join(programs, 'postgres'),
    args: ['-D', directory],
    logFile,
    user,
    cwd: '/',
  });
  const server = databaseUrl(port, databasePassword, 'postgres');
  record(process, server);
  await waitUntilReady({ name: 'postgres', process, logFile, probe: async () => postgresAnswers(server) });
  await ensureDatabases(server, localDatabases);
};
