import unit from './jest.unit.config.js';

/** The unit tests, and `*.e2e-spec.ts` on one PostgreSQL that the run starts. What needs processes of its own is in `jest.processes.config.js`. */
/** @type {import('jest').Config} */
export default {
  ...unit,
  testMatch: ['<rootDir>/{libs,apps,bench,test,tools}/**/*.{spec,e2e-spec}.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/(processes|chaos)/'],
  globalSetup: '<rootDir>/test/support/start-database.js',
  globalTeardown: '<rootDir>/test/support/stop-database.js',
};
