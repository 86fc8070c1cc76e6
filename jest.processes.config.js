import everything from './jest.config.js';

/** `npm run test:processes`: nodes that are processes of their own, which are killed, frozen and deployed anew. They take their time. */
/** @type {import('jest').Config} */
export default {
  ...everything,
  testPathIgnorePatterns: ['/node_modules/'],
  testMatch: ['<rootDir>/test/{processes,chaos}/**/*.e2e-spec.ts'],
};
