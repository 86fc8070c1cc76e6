import { SagaContext, SagaDefinition, SagaStep, SagaTransaction } from 'nestjs-sagas';
import { DataSource } from 'typeorm';

import { eventually } from '../support/eventually.js';
import { onPostgres } from '../support/on-postgres.js';
import { describeStory, type SagaApp } from '../support/saga-app.js';
import { World } from '../support/world.js';

@SagaDefinition({ name: 'trip' })
class TripSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ kind: 'readonly' })
  async pack() {
    await this.world.gate('pack').pass();
    return 'suitcase';
  }

  @SagaStep({ kind: 'readonly' })
  async travel({ results }: SagaContext<unknown, TripSaga>) {
    return `there with a ${results.pack}`;
  }
}

@SagaDefinition({ name: 'payment' })
class PaymentSaga {
  constructor(
    private readonly world: World,
    private readonly transaction: SagaTransaction,
  ) {}

  @SagaStep({ transactional: true, kind: 'readonly' })
  async pay() {
    await this.transaction.manager.query('select 1');
    await this.world.gate('pay').pass();
  }
}

const SAGAS = 300;

/** Of one node, whatever runs on it: six that write, read and listen, and one for its lease. */
const OURS = 7;

const startMany = async (app: SagaApp) => Promise.all(Array.from({ length: SAGAS }, async () => app.sagas.start(TripSaga, {})));
const answer = async (app: SagaApp): Promise<unknown> => app.get(DataSource).query('select 1 as one');

describeStory('an application whose pool has one connection', onPostgres({ poolSize: 1 }), ({ boot, world }) => {
  it('R34: is answered while hundreds of sagas run, which take seven connections of the database', async () => {
    const app = await boot({ sagas: [TripSaga] });
    const sagas = await startMany(app);
    await eventually(
      () => world().gate('pack').came,
      (came) => came === SAGAS,
    );
    expect(await answer(app)).toEqual([{ one: 1 }]);
    world().gate('pack').open();
    const ends = Promise.all(sagas.map(async (saga) => saga.result({ timeout: '30s' })));
    for (let asked = 0; asked < 50; asked += 1) expect(await answer(app)).toEqual([{ one: 1 }]);
    await ends;
    const [row] = await app
      .get(DataSource)
      .query<{ count: number }[]>(
        "select count(*)::int as count from pg_stat_activity where datname = current_database() and application_name = 'nestjs-sagas'",
      );
    expect(row?.count).toBeLessThanOrEqual(OURS);
  });

  it('R34: may keep it as long as it likes: sagas start, run and end beside it', async () => {
    const app = await boot({ sagas: [TripSaga] });
    world().gate('pack').open();
    await app.get(DataSource).transaction(async (manager) => {
      await manager.query('select 1');
      const sagas = await startMany(app);
      const ends = await Promise.all(sagas.map(async (saga) => saga.result({ timeout: '30s' })));
      expect(ends).toEqual(Array.from({ length: SAGAS }, () => ({ pack: 'suitcase', travel: 'there with a suitcase' })));
    });
  });
});

describeStory('an application whose pool has four connections', onPostgres({ poolSize: 4 }), ({ boot, world }) => {
  it('R34: lends two of them to transactional steps, however many there are', async () => {
    const app = await boot({ sagas: [PaymentSaga] });
    const sagas = await Promise.all(Array.from({ length: 20 }, async () => app.sagas.start(PaymentSaga, {})));
    await eventually(
      () => world().gate('pay').came,
      (came) => came === 2,
    );
    for (let asked = 0; asked < 50; asked += 1) await Promise.all([answer(app), answer(app)]);
    expect(world().gate('pay').came).toBe(2);
    world().gate('pay').open();
    await Promise.all(sagas.map(async (saga) => saga.result({ timeout: '30s' })));
  });
});
