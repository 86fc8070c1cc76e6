import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { read } from '../docs/readme-blocks.js';
import { type Stop, walkThrough } from '../docs/readme-walk.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { follow, type FreshApplication, type Kind, makeFreshApplication, testApplication } from './fresh-application.js';
import { newerNode } from './newer-node.js';

const walk = walkThrough(read('README.md'));

/** Walks through the README in a fresh application: each block that a reader writes, each command, each line printed. */
export function itIsReadBy(kind: Kind): void {
  describe(`the README, followed in a fresh application (${kind})`, () => {
    let database: TestDatabase;
    let application: FreshApplication;

    beforeAll(async () => {
      database = await createTestDatabase();
      const tarball = process.env['TEST_TARBALL'];
      if (!tarball) throw new Error('No package was built for this test: run it with npm run test:package.');
      application = await makeFreshApplication(kind, { tarball, databaseUrl: database.url });
    }, 60_000);

    afterAll(async () => {
      await database.drop();
      await rm(dirname(application.folder), { recursive: true, force: true });
    }, 300_000);

    it.each(walk.map((stop, index) => ({ stop, what: `${index + 1}: ${nameOf(stop)}` })))(
      '$what',
      async ({ stop }) => {
        const printed = await follow(application, stop);
        if (stop.kind === 'prints') expect(printed).toMatch(asPattern(stop.text));
      },
      300_000,
    );

    if (kind !== 'oldest')
      it("passes the application's own tests, those of the README among them", async () => {
        const node = kind === 'commonjs' ? await newerNode(join(dirname(application.folder), 'node')) : undefined;
        const said = await testApplication(application, node);
        expect(walk.filter(isTest)).not.toEqual([]);
        for (const file of walk.filter(isTest)) expect(said).toContain(file.path);
      }, 300_000);
  });
}

const isTest = (stop: Stop): stop is Extract<Stop, { kind: 'writes' }> => stop.kind === 'writes' && stop.path.endsWith('.spec.ts');

function nameOf(stop: Stop): string {
  if (stop.kind === 'writes') return `writes ${stop.path}`;
  return stop.kind === 'runs' ? stop.commands.join(' && ') : 'prints what the README says';
}

/** `…` stands for any text. */
function asPattern(text: string): RegExp {
  const parts = text.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 's');
}
