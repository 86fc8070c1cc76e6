import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';

import { InMemorySagaStore } from '../../libs/saga/src/store/in-memory/in-memory-saga-store.js';
import type { SagaStore } from '../../libs/saga/src/store/saga-store.js';
import { createPostgresSagaStore } from '../../libs/saga/src/store/postgres/index.js';
import { installMovableClock } from '../support/movable-clock.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import type { CrashPlace } from './crash-points.js';

/** Each run has sagas and a clock of its own. */
export function placeInMemory(): CrashPlace {
  let shiftMs = 0;
  const store = new InMemorySagaStore({ now: () => Date.now() + shiftMs });
  return { store, pass: async (ms) => void (shiftMs += ms) };
}

export interface PostgresPlace {
  readonly place: () => CrashPlace;
  readonly database: () => DataSource;
}

/** One database, with a table `booking`, for all runs of a test file. Call it in the body of `describe`. */
export function placeOnPostgres(): PostgresPlace {
  let testDatabase: TestDatabase;
  let dataSource: DataSource;
  let store: SagaStore;
  let pass: CrashPlace['pass'];

  beforeAll(async () => {
    Logger.overrideLogger(['error']); // a test database promises nothing, and each store says so
    testDatabase = await createTestDatabase();
    ({ pass } = await installMovableClock(testDatabase.url));
    dataSource = await new DataSource({ type: 'postgres', url: testDatabase.url }).initialize();
    store = createPostgresSagaStore({ dataSource, schema: 'saga', migrations: 'run' });
    await store.open();
    await dataSource.query('create table public.booking (key text not null)');
  });
  afterAll(async () => {
    await store.close();
    await dataSource.destroy();
    await testDatabase.drop();
  });
  return { place: () => ({ store, pass }), database: () => dataSource };
}
