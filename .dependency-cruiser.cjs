// The import rules of docs/architecture.md. tests/architecture holds a fixture per rule that proves it can fail.

/** What a package may import of the other packages; everything not named is forbidden. */
const mayImport = {
  core: [],
  console: [],
  contracts: ['core'],
  definitions: ['core'],
  stack: ['core'],
  kafka: ['core', 'contracts'],
  'claim-formats': ['core', 'contracts'],
  postgres: ['core', 'contracts', 'kafka'],
  runtime: ['core', 'contracts', 'kafka', 'definitions'],
  workflows: ['core', 'definitions'],
  sources: ['core', 'definitions'],
  batch: ['core', 'contracts', 'definitions', 'kafka', 'postgres', 'claim-formats', 'sources'],
};

const packageRule = ([name, allowed]) => ({
  name: `package-${name}`,
  comment: `packages/${name} may import ${allowed.length ? allowed.join(', ') : 'no other package'}.`,
  severity: 'error',
  // Tests stand above the package they test: they may use the testing package and the stack.
  from: { path: `(^|/)packages/${name}/src/`, pathNot: '\\.test\\.ts$' },
  to: { path: '(^|/)packages/[^/]+/', pathNot: `(^|/)packages/(${[name, ...allowed].join('|')})/` },
});

const ioLibraries =
  '^(node:)?(fs|net|http|https|http2|dgram|child_process|worker_threads|tls)(/|$)|node_modules/(kafkajs|pg|knex|ioredis|express|nodemailer|undici)/';

module.exports = {
  forbidden: [
    {
      name: 'service-to-service',
      comment: 'Services know topics, never each other.',
      severity: 'error',
      from: { path: '(^|/)services/([^/]+)/' },
      to: { path: '(^|/)services/[^/]+/', pathNot: '(^|/)services/$2/' },
    },
    {
      name: 'package-to-service',
      comment: 'Packages do not know the services that use them.',
      severity: 'error',
      from: { path: '(^|/)packages/' },
      to: { path: '(^|/)services/' },
    },
    ...Object.entries(mayImport).map(packageRule),
    {
      name: 'domain-is-pure',
      comment: 'domain/ imports only domain/, core, contracts, workflows and the shapes of claim-formats.',
      severity: 'error',
      from: { path: '(^|/)services/[^/]+/src/domain/', pathNot: '\\.test\\.ts$' },
      to: {
        pathNot:
          '(^|/)services/[^/]+/src/domain/|(^|/)packages/(core|contracts|claim-formats|workflows|definitions)/|^(node:)?(crypto|buffer)$',
      },
    },
    {
      name: 'handlers-do-no-io',
      comment: 'handlers/ import neither adapters, config, main nor an I/O library.',
      severity: 'error',
      from: { path: '(^|/)services/[^/]+/src/handlers/', pathNot: '\\.test\\.ts$' },
      to: { path: `/src/adapters/|/src/(config|main)\\.ts$|${ioLibraries}` },
    },
    {
      name: 'only-main-imports-adapters',
      comment: 'At run time only main.ts, the program that it starts (run-….ts beside it) and adapters themselves reach into adapters/.',
      severity: 'error',
      from: { path: '(^|/)services/[^/]+/src/', pathNot: '/src/adapters/|/src/(main|run-[a-z-]+)\\.ts$|\\.test\\.ts$' },
      to: { path: '(^|/)services/[^/]+/src/adapters/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'kafkajs-in-one-package',
      comment: 'The client library stands behind the port of packages/kafka.',
      severity: 'error',
      from: { pathNot: '(^|/)packages/kafka/' },
      to: { path: 'node_modules/kafkajs/' },
    },
    { name: 'no-cycles', comment: 'No import cycles.', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'declared',
      comment: 'What a package or service needs at run time stands in its own package.json.',
      severity: 'error',
      from: {
        path: '(^|/)(packages|services)/[^/]+/src/',
        pathNot: '\\.(test|fixture)\\.ts$|/(contract|fixtures)/|packages/stack/src/containers/',
      },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    },
    {
      name: 'resolvable',
      comment: 'Every import leads somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules|^\\.vigil' },
    // The parser reads no JSX: the page's imports are held by its own test and the types.
    exclude: { path: '/generated/|\\.tsx$|packages/console/dist' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
