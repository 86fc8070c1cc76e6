import { getDataSourceToken, TypeOrmModule } from '@nestjs/typeorm';
import { SagaConflictError, SagaContext, SagaDefinition, SagaModule, SagaStep } from 'nestjs-sagas';
import { DataSource } from 'typeorm';

import { eventually } from '../support/eventually.js';
import { onPostgres } from '../support/on-postgres.js';
import { describeStory, errorOf, told } from '../support/saga-app.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import { World } from '../support/world.js';

@SagaDefinition<{ orderId: string }>({ name: 'order', key: ({ orderId }) => orderId })
class OrderSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ kind: 'readonly' })
  async work({ input }: SagaContext<{ orderId: string }>) {
    this.world.did(`work on ${input.orderId}`);
  }
}

const store = onPostgres();

describeStory("starting in the caller's transaction", store, ({ boot, world, place }) => {
  it('R6: it begins when the transaction commits, and is told of then', async () => {
    const app = await boot({ sagas: [OrderSaga] });
    const saga = await app.get(DataSource).transaction(async (manager) => {
      const handle = await app.sagas.start(OrderSaga, { orderId: 'o-1' }, { manager });
      expect(await app.sagas.findByKey(OrderSaga, 'o-1')).toBeNull();
      expect(world().deeds).toEqual([]);
      return handle;
    });
    await saga.result({ timeout: '20s' });
    expect(saga.created).toBe(true);
    expect(app.heard.map((event) => event.constructor.name)).toEqual(['SagaStartedEvent', 'SagaCompletedEvent']);
  });

  it('R6: rolled back it leaves nothing, and its key is free', async () => {
    const app = await boot({ sagas: [OrderSaga] });
    const attempt = app.get(DataSource).transaction(async (manager) => {
      await app.sagas.start(OrderSaga, { orderId: 'o-1' }, { manager });
      throw new Error('changed my mind');
    });
    await expect(attempt).rejects.toThrow('changed my mind');
    expect((await app.sagas.find()).items).toEqual([]);
    const saga = await app.sagas.start(OrderSaga, { orderId: 'o-1' });
    expect(saga.created).toBe(true);
    await saga.result();
    expect(world().deeds).toEqual(['work on o-1']);
  });

  it('R6: a saga that is there already is found, also inside, and a conflict leaves the transaction usable', async () => {
    const app = await boot({ sagas: [OrderSaga] });
    const first = await app.sagas.start(OrderSaga, { orderId: 'o-1' });
    await app.get(DataSource).transaction(async (manager) => {
      const found = await app.sagas.start(OrderSaga, { orderId: 'o-1' }, { manager });
      expect([found.id, found.created]).toEqual([first.id, false]);
      await errorOf(app.sagas.start(OrderSaga, { orderId: 'o-2' }, { manager, key: 'o-1' }), SagaConflictError);
      expect(await manager.query('select 1 as one')).toEqual([{ one: 1 }]);
    });
    await first.result();
  });

  it('R6: a manager without an open transaction is an error, and so is that of another data source', async () => {
    const app = await boot({ sagas: [OrderSaga] });
    const { manager } = app.get(DataSource);
    await expect(app.sagas.start(OrderSaga, { orderId: 'o-1' }, { manager })).rejects.toThrow(
      'The given manager has no open transaction. Pass the one that dataSource.transaction(async (manager) => …) gives, or leave it out.',
    );
    const other = await new DataSource({
      type: 'postgres',
      url: (app.get(DataSource).options as { url: string }).url,
    }).initialize();
    try {
      const start = other.transaction(async (foreign) => app.sagas.start(OrderSaga, { orderId: 'o-1' }, { manager: foreign }));
      await expect(start).rejects.toThrow('The given manager belongs to another data source than the sagas.');
    } finally {
      await other.destroy();
    }
    expect((await app.sagas.find()).items).toEqual([]);
  });

  it('R32: a key that a foreign transaction holds stops no other saga', async () => {
    const app = await boot({ sagas: [OrderSaga] });
    const runner = app.get(DataSource).createQueryRunner();
    await runner.startTransaction();
    try {
      await app.sagas.start(OrderSaga, { orderId: 'held' }, { manager: runner.manager });
      const second = app.sagas.start(OrderSaga, { orderId: 'held' });
      const others = await Promise.all(['a', 'b', 'c'].map(async (orderId) => app.sagas.start(OrderSaga, { orderId })));
      await Promise.all(others.map(async (saga) => saga.result()));
      await runner.commitTransaction();
      await (await second).result();
      expect(world().deeds.filter((deed) => deed.endsWith('held'))).toEqual(['work on held']);
    } finally {
      await runner.release();
    }
  });

  it('a saga waits for its node: where no worker runs it stays pending until one does', async () => {
    const starter = await boot({ sagas: [OrderSaga], options: { worker: { enabled: false } } });
    const saga = await starter.sagas.start(OrderSaga, { orderId: 'o-1' });
    await starter.sagas.whenReady();
    expect((await saga.view()).status).toBe('pending');
    await boot({ sagas: [OrderSaga] });
    await saga.result({ timeout: '20s' });
    expect(await told(saga)).toContain('the saga is completed');
  });

  it('the data source may have a name', async () => {
    const named: TestDatabase = await createTestDatabase();
    try {
      const options = { ...place().options, dataSource: 'sagas' };
      const connection = { type: 'postgres', url: named.url, name: 'sagas', retryAttempts: 0 } as const;
      const app = await boot({ sagas: [OrderSaga], imports: [TypeOrmModule.forRoot(connection)], wiring: SagaModule.forRoot(options) });
      await (await app.sagas.start(OrderSaga, { orderId: 'o-1' })).result();
      const count = `select count(*)::int as count from ${String(options.schema)}.saga_instance`;
      await eventually(
        async () => app.get<DataSource>(getDataSourceToken('sagas') as never).query(count),
        (rows) => rows[0].count === 1,
      );
      await expect(app.get(DataSource).query(count)).rejects.toThrow('does not exist');
      await app.close();
    } finally {
      await named.drop();
    }
  });
});
