import { TypeOrmModule } from '@nestjs/typeorm';

import type { StoryStore } from './saga-app.js';
import { createTestDatabase, type TestDatabase } from './test-database.js';

/** One database a test file, one schema a test. Call it in the body of `describe`. */
export function onPostgres(): StoryStore {
  let database: TestDatabase;
  let schemas = 0;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(async () => {
    await database.drop();
  });
  return {
    name: 'postgres',
    open: async () => {
      schemas += 1;
      const schema = `story_${schemas}`;
      const dataSource = { type: 'postgres', url: database.url, autoLoadEntities: true, retryAttempts: 0 } as const;
      return { imports: () => [TypeOrmModule.forRoot(dataSource)], options: { schema }, leave: async () => undefined };
    },
  };
}
