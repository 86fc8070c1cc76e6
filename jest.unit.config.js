/** The tests that need nothing but this process: `*.spec.ts`. */
/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: {
    '^nestjs-sagas$': '<rootDir>/libs/saga/src/index.ts',
    '^nestjs-sagas/(postgres|testing)$': '<rootDir>/libs/saga/src/$1.ts',
    '^contracts$': '<rootDir>/libs/contracts/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  // Tests wait for conditions, never for a length of time: a busy machine must not fail them.
  testTimeout: 30_000,
  // One a core: jest would keep a core to itself, and half the suite waits for a database or a process. Each file has a database of its own.
  maxWorkers: '100%',
  testMatch: ['<rootDir>/{libs,apps,bench,test,tools}/**/*.spec.ts'],
  modulePathIgnorePatterns: ['<rootDir>/(bench/)?dist/'],
};
