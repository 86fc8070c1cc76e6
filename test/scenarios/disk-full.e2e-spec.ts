import { SagaCompensatedError } from 'nestjs-sagas';
import { DataSource } from 'typeorm';

import { eventually } from '../support/eventually.js';
import { onPostgres } from '../support/on-postgres.js';
import { describeStory, errorOf, type SagaApp } from '../support/saga-app.js';
import { TripSaga } from './trip-saga.js';

const PATIENCE = { timeout: '60s' } as const;

describeStory('a disk that is full', onPostgres(), ({ boot, world, place }) => {
  const schema = (): string => String(place().options.schema);

  /** Each write to these tables fails as on a full disk. */
  const fill = async (app: SagaApp, tables: readonly string[]): Promise<void> => {
    await app.get(DataSource).query(`
      create function ${schema()}.disk_is_full() returns trigger language plpgsql as $$
      begin raise exception using errcode = '53100', message = 'could not extend file "base/1/2": No space left on device'; end $$`);
    for (const table of tables)
      await app
        .get(DataSource)
        .query(`create trigger full_disk before insert or update on ${schema()}.${table} execute function ${schema()}.disk_is_full()`);
  };
  const makeRoom = async (app: SagaApp): Promise<void> => {
    await app.get(DataSource).query(`drop function ${schema()}.disk_is_full() cascade`);
  };
  const saidSoOften = async (app: SagaApp, text: string, times: number): Promise<unknown> =>
    eventually(
      () => app.logger.of('Saga').filter((line) => line.text.includes(text)).length,
      (count) => count >= times,
      30_000,
    );

  it.each([
    ['and its heartbeats still pass', ['saga_journal', 'saga_instance'], []],
    ['and it loses its lease', ['saga_journal', 'saga_instance', 'saga_node'], ['the lease of this node is over']],
  ])(
    'a start fails and says why; what runs stops where it is, and goes on without a restart of the node, %s',
    async (_what, tables, alsoSaid) => {
      const app = await boot({ sagas: [TripSaga], options: { worker: { lease: '3s' } } });
      const [booked, refused] = [await app.sagas.start(TripSaga, {}), await app.sagas.start(TripSaga, { full: true })];
      await eventually(
        () => world().gate('hotel').came,
        (came) => came === 2,
      );
      await fill(app, tables);
      await expect(app.sagas.start(TripSaga, {})).rejects.toMatchObject({
        code: 'SAGA_STORE',
        message:
          'PostgreSQL cannot store anything now (53100): could not extend file "base/1/2": No space left on device. Nothing was recorded; what runs goes on when it can.',
      });
      world().gate('hotel').open();
      await saidSoOften(app, 'gave the saga up', 2);
      for (const text of alsoSaid) await saidSoOften(app, text, 1);
      for (const saga of [booked, refused]) expect((await saga.view()).status).toBe('running');
      expect(world().deeds).toEqual(['flight', 'flight']);
      await makeRoom(app);

      await expect(booked.result(PATIENCE)).resolves.toEqual({ flight: 'LH 1', hotel: 'room 7' });
      await errorOf(refused.result(PATIENCE), SagaCompensatedError);
      await (await app.sagas.start(TripSaga, {})).result(PATIENCE);
      expect(world().deeds.toSorted()).toEqual(['cancel flight', 'flight', 'flight', 'flight']);
      expect(await app.sagas.health()).toMatchObject({ healthy: true, worker: 'working' });
    },
    120_000,
  );

  it('a disk that is full for a moment costs nothing but the moment: nobody is told, and nothing is done again', async () => {
    const app = await boot({ sagas: [TripSaga] });
    const saga = await app.sagas.start(TripSaga, {});
    await world().gate('hotel').reached;
    await fill(app, ['saga_journal']);
    const another = app.sagas.start(TripSaga, {});
    world().gate('hotel').open();
    await makeRoom(app);
    await (await another).result(PATIENCE);
    await saga.result(PATIENCE);
    expect(world().gate('hotel').came).toBe(2);
    expect(app.logger.of('Saga').filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });
});
