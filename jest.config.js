/** One project; unit tests need nothing, integration tests find the stack by themselves. */
export default {
  testEnvironment: '<rootDir>/tests/coverage/environment.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '<rootDir>/tests/coverage/transform.mjs' },
  testMatch: ['<rootDir>/{packages,services,tests,scripts,load-tests}/**/*.test.ts'],
  moduleNameMapper: { '^fast-check$': '<rootDir>/tests/seeded-fast-check.ts' },
  modulePathIgnorePatterns: ['<rootDir>/.vigil/'],
  testTimeout: 30_000,
};
