import everything from './jest.config.js';

/** `npm run test:package`: the README, followed in fresh applications outside this repository. They install their packages from npm's registry. */
/** @type {import('jest').Config} */
export default {
  ...everything,
  testMatch: ['<rootDir>/test/package/*.package-spec.ts'],
  globalSetup: '<rootDir>/test/package/set-up.js',
};
