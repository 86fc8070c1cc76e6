import { TypeOrmModule } from '@nestjs/typeorm';

import { installMovableClock } from './movable-clock.js';
import type { StoryStore } from './saga-app.js';
import { createTestDatabase } from './test-database.js';

/** A database for each test, whose clock the test moves: applications that boot afterwards know no other time. [R20] */
export const onMovableClock: StoryStore = {
  name: 'postgres',
  open: async () => {
    const database = await createTestDatabase();
    const { pass } = await installMovableClock(database.url);
    return {
      imports: () => [TypeOrmModule.forRoot({ type: 'postgres', url: database.url, retryAttempts: 0 })],
      options: {},
      pass,
      leave: async () => database.drop(),
    };
  },
};
