import { Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';

import type { SagaStore } from '../../libs/saga/src/store/saga-store.js';
import { createPostgresSagaStore } from '../../libs/saga/src/store/postgres/index.js';
import { installMovableClock } from '../support/movable-clock.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import type { CrashPlace } from './crash-points.js';
import { expectSameEndingAtEachCrashPoint } from './expect-crash-points.js';
import { expectMetadataEverywhere } from './metadata.js';
import { booksInItsTransaction, scenarios } from './scenarios.js';

describe('R19: a node dies right before or right after any of its writes, on PostgreSQL', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let store: SagaStore;
  let pass: CrashPlace['pass'];

  beforeAll(async () => {
    Logger.overrideLogger(['error']); // a test database promises nothing, and each store says so
    database = await createTestDatabase();
    ({ pass } = await installMovableClock(database.url));
    dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    store = createPostgresSagaStore({ dataSource, schema: 'saga', migrations: 'run' });
    await store.open();
    await dataSource.query('create table public.booking (key text not null)');
  });
  afterAll(async () => {
    await store.close();
    await dataSource.destroy();
    await database.drop();
  });

  const place = (): CrashPlace => ({ store, pass });

  it.each([scenarios.orderFromElsewhere, scenarios.refusedAfterTwoBranches, scenarios.cancelledOnTheWay])(
    '$title',
    async (scenario) => expectSameEndingAtEachCrashPoint(scenario, place),
    60_000,
  );

  it('the metadata of the start is on every command, compensation, event and log line, whoever goes on', async () => {
    await expectMetadataEverywhere(place);
  }, 60_000);

  it('R18: bookings in the transaction of their steps are there exactly once', async () => {
    await expectSameEndingAtEachCrashPoint(booksInItsTransaction, place);
    const sagas = (await store.list({ name: 'books-in-its-transaction', limit: 1000 })).items;
    const steps = ['debit', 'credit', 'credit:compensation', 'debit:compensation'];
    const booked: { readonly key: string }[] = await dataSource.query('select key from public.booking');
    expect(booked.map(({ key }) => key).toSorted()).toEqual(
      sagas.flatMap(({ row }) => steps.map((step) => `${row.id}:${step}`)).toSorted(),
    );
    expect(sagas.length).toBeGreaterThan(10);
  }, 60_000);
});
