import { DataSource } from 'typeorm';

import { createTestDatabase, type TestDatabase } from '../../../../../test/support/test-database.js';
import { openFence } from './open-fence.js';
import { SagaFenceEntity } from './saga-fence.entity.js';
import { sagaParticipantEntities, sagaParticipantMigrations } from './saga-participant-schema.js';

const OPTIONS = { name: 'ledger', schema: 'saga', fenceRetentionMs: 1_000, maxPayload: 1_000 } as const;

describe('the fence in its database', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeEach(async () => {
    database = await createTestDatabase();
    dataSource = await connect();
  });

  afterEach(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const connect = () =>
    new DataSource({
      type: 'postgres',
      url: database.url,
      entities: sagaParticipantEntities,
      migrations: sagaParticipantMigrations,
    }).initialize();

  it("R35: 'run' makes the table once, though services boot side by side", async () => {
    await Promise.all([1, 2, 3].map(() => openFence(dataSource, { ...OPTIONS, migrations: 'run' })));
    expect(await dataSource.getRepository(SagaFenceEntity).count()).toBe(0);
  });

  it("R35: 'check' names what is missing, and is content once TypeORM ran it", async () => {
    await expect(openFence(dataSource, { ...OPTIONS, migrations: 'check' })).rejects.toThrow(/CreateSagaFence1763856000001/);
    await dataSource.runMigrations();
    await expect(openFence(dataSource, { ...OPTIONS, migrations: 'check' })).resolves.toBeDefined();
  });

  it('takes a schema of any name', async () => {
    await openFence(dataSource, { ...OPTIONS, schema: 'a "strange" place', migrations: 'run' });
    expect(await dataSource.query('select count(*)::int as n from "a ""strange"" place".saga_fence')).toEqual([{ n: 0 }]);
  });

  it('R25: a sweep deletes what nothing has touched for the retention, and passes over what a command holds', async () => {
    const fence = await openFence(dataSource, { ...OPTIONS, migrations: 'run' });
    await dataSource.query(`
      insert into saga.saga_fence (saga_id, step, item, saga, created_at, updated_at) values
        ('old', 'a', -1, 's', now() - interval '2 hours', now() - interval '2 hours'),
        ('held', 'a', -1, 's', now() - interval '2 hours', now() - interval '2 hours'),
        ('used', 'a', -1, 's', now() - interval '2 hours', now() - interval '1 minute'),
        ('new', 'a', -1, 's', now(), now())`);
    await dataSource.transaction(async (manager) => {
      await manager.query(`select from saga.saga_fence where saga_id = 'held' for update`);
      expect(await fence.sweep(60 * 60 * 1_000, 10)).toBe(1);
    });
    const left = await dataSource.getRepository(SagaFenceEntity).find({ order: { sagaId: 'asc' } });
    expect(left.map((row) => row.sagaId)).toEqual(['held', 'new', 'used']);
    expect(left[0]).toMatchObject({ item: -1, actionState: 'untouched', compensationReply: null, createdAt: expect.any(Date) });
  });
});
