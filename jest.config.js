/** One project; unit tests need nothing, integration tests find the stack by themselves. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2024', parser: { syntax: 'typescript' } }, sourceMaps: 'inline' }] },
  testMatch: ['<rootDir>/{packages,services,tests,scripts,load-tests}/**/*.test.ts'],
  moduleNameMapper: { '^fast-check$': '<rootDir>/tests/seeded-fast-check.ts' },
  modulePathIgnorePatterns: ['<rootDir>/.vigil/'],
  // The exclusions are the whole list: generated code, wiring, and the adapters that need a container engine.
  collectCoverageFrom: [
    'packages/*/src/**/*.ts',
    'services/*/src/**/*.ts',
    '!**/generated/**',
    '!**/main.ts',
    '!**/*.test.ts',
    '!packages/stack/src/containers/**',
  ],
  // The v8 provider reports 100 % for ES modules that never ran.
  coverageProvider: 'babel',
  coverageReporters: ['text', 'json-summary'],
  coverageThreshold: { global: { lines: 95, branches: 95 } },
  testTimeout: 30_000,
};
