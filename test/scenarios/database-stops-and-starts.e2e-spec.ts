import { join } from 'node:path';

import { TypeOrmModule } from '@nestjs/typeorm';
import { SagaCompensatedError } from 'nestjs-sagas';

import { type Postgres, removePostgres, startPostgres } from '../../tools/postgres.js';
import { eventually } from '../support/eventually.js';
import { describeStory, errorOf, type StoryStore } from '../support/saga-app.js';
import { TripSaga } from './trip-saga.js';

const FOLDER = join(import.meta.dirname, '..', '..', '.data', `restart-${process.pid}`);

let server: Postgres;

/** A server of this file's own, which it can stop. */
const store: StoryStore = {
  name: 'postgres',
  open: async () => ({
    imports: () => [TypeOrmModule.forRoot({ type: 'postgres', url: server.url, retryAttempts: 0, poolErrorHandler: () => undefined })],
    options: {},
    pass: async () => undefined,
    leave: async () => undefined,
  }),
};

/** The server stops, and comes back where it was, after longer than the pauses in which a write is tried again. */
const PATIENCE = '60s';

/** The server that `DATABASE_URL` names is not ours to stop. */
const describeOwn = process.env['DATABASE_URL'] ? describe.skip : describe;

describeOwn('with a database of its own', () => {
  let postgres: Postgres;
  const start = async (port?: number): Promise<void> => {
    postgres = await startPostgres({ folder: FOLDER, ...(port !== undefined && { port }) });
    server = postgres;
  };
  beforeAll(async () => {
    await start();
  }, 90_000);
  afterAll(async () => {
    await postgres.stop();
    await removePostgres(FOLDER);
  });

  describeStory('a database that stops and starts', store, ({ boot, world }) => {
    it('a start fails and says why; what runs stops where it is, and goes on without a restart of the node', async () => {
      const app = await boot({ sagas: [TripSaga] });
      const [booked, refused] = [await app.sagas.start(TripSaga, {}), await app.sagas.start(TripSaga, { full: true })];
      await eventually(
        () => world().gate('hotel').came,
        (came) => came === 2,
      );
      await postgres.stop();
      await expect(app.sagas.start(TripSaga, {})).rejects.toMatchObject({
        code: 'SAGA_STORE',
        message: expect.stringMatching(/^PostgreSQL did not answer: .*Check that it runs and can be reached\.$/) as string,
      });
      world().gate('hotel').open();
      await start(Number(new URL(server.url).port));

      await expect(booked.result({ timeout: PATIENCE })).resolves.toEqual({ flight: 'LH 1', hotel: 'room 7' });
      await errorOf(refused.result({ timeout: PATIENCE }), SagaCompensatedError);
      await (await app.sagas.start(TripSaga, {})).result({ timeout: PATIENCE });
      expect(world().deeds.toSorted()).toEqual(['cancel flight', 'flight', 'flight', 'flight']);
      expect(await app.sagas.health()).toMatchObject({ healthy: true, worker: 'working' });
    }, 120_000);
  });
});
