// Adds to package-lock.json the optional platform packages that npm left out because this machine's registry did not
// serve them at that moment. Without their entries `npm ci` refuses the lock file, here and on the platforms that need
// them. Run it after `npm install`; it changes nothing when nothing is missing.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64', 'wasm32'];

/** Platform fields of a package from its name: `@swc/core-linux-x64-musl` → linux, x64, musl. */
export const platformOf = (name) => {
  const words = name.split(/[/-]/);
  const libc = words.some((word) => word.startsWith('musl'))
    ? ['musl']
    : words.some((word) => word.startsWith('gnu'))
      ? ['glibc']
      : undefined;
  const pick = (known) => known.filter((word) => words.includes(word));
  return { cpu: pick(processors), os: pick(systems), ...(libc && { libc }) };
};

/** The entries that the lock file lacks. Only exact versions of packages named after a platform are added. */
export const missingEntries = (packages) => {
  const missing = {};
  for (const [path, { dev, optionalDependencies = {} }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const { cpu, os, libc } = platformOf(name);
      const present = packages[`node_modules/${name}`] ?? packages[`${path}/node_modules/${name}`];
      if (present || os.length === 0 || cpu.length === 0 || !/^\d/.test(version)) continue;
      missing[`node_modules/${name}`] = { version, cpu, ...(dev && { dev }), ...(libc && { libc }), optional: true, os };
    }
  }
  return missing;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = fileURLToPath(new URL('../package-lock.json', import.meta.url));
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const missing = missingEntries(lock.packages);
  const entries = Object.entries({ ...lock.packages, ...missing });
  const [root, ...others] = entries;
  const sorted = [root, ...others.sort(([left], [right]) => left.localeCompare(right, 'en'))];
  if (Object.keys(missing).length > 0)
    writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
  console.error(`complete-lock: ${Object.keys(missing).length} platform packages added`);
}
