import unit from './jest.unit.config.js';

/** Everything: the unit tests, and `*.e2e-spec.ts` on one PostgreSQL that the run starts. */
/** @type {import('jest').Config} */
export default {
  ...unit,
  testMatch: ['<rootDir>/{libs,apps,bench,test,tools}/**/*.{spec,e2e-spec}.ts'],
  globalSetup: '<rootDir>/test/support/start-database.js',
  globalTeardown: '<rootDir>/test/support/stop-database.js',
};
