import { Compensate, SagaCompensatedError, SagaContext, SagaDefinition, SagaStep, SagaStuckError } from 'nestjs-sagas';
import { DataSource } from 'typeorm';

import { eventually } from '../support/eventually.js';
import { onPostgres } from '../support/on-postgres.js';
import { describeStory, errorOf, type SagaApp, told } from '../support/saga-app.js';
import { World } from '../support/world.js';

@SagaDefinition({ name: 'journey', retry: { attempts: 1 } })
class JourneySaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  async pack() {
    this.world.did('pack');
    return 'suitcase';
  }

  @Compensate('pack')
  async unpack({ attempt, signal }: SagaContext, packed: string | undefined) {
    this.world.did(`unpack ${packed} #${attempt}`);
    await this.world.gate('unpack').pass(signal);
  }

  @SagaStep()
  async travel({ attempt, signal, results }: SagaContext<unknown, JourneySaga>) {
    this.world.did(`travel with ${results.pack} #${attempt}`);
    await this.world.gate('travel').pass(signal);
    return 'there';
  }

  @Compensate('travel')
  async comeBack() {
    this.world.did('come back');
  }
}

@SagaDefinition({ name: 'one-way', retry: { attempts: 1 } })
class OneWaySaga {
  constructor(private readonly world: World) {}

  @SagaStep({ idempotent: false })
  async fly({ signal }: SagaContext) {
    this.world.did('fly');
    await this.world.gate('fly').pass(signal);
  }

  @Compensate('fly')
  async search({ outcome }: SagaContext & { readonly outcome: string }) {
    this.world.did(`search (${outcome})`);
  }
}

@SagaDefinition({ name: 'alarm', timeout: '1h' })
class AlarmSaga {
  @SagaStep({ kind: 'readonly' })
  async set() {}

  @SagaStep({ kind: 'readonly', delay: 2_500 })
  async ring() {
    return 'rang';
  }
}

const QUICK_STOP = { worker: { shutdownTimeout: 20 } };
const store = onPostgres();

describeStory('another application goes on', store, ({ boot, world, place }) => {
  const schema = (): string => String(place().options.schema);
  const owned = async (app: SagaApp): Promise<number> => {
    const rows: { count: number }[] = await app
      .get(DataSource)
      .query(`select count(*)::int as count from ${schema()}.saga_instance where owner is not null`);
    return rows[0]?.count ?? -1;
  };

  it('R21, R22: a step that a stop cut short is made again by the next application, at no cost to its attempts', async () => {
    const first = await boot({ sagas: [JourneySaga], options: QUICK_STOP });
    const { id } = await first.sagas.start(JourneySaga, {});
    await world().gate('travel').reached;
    await first.close();
    const second = await boot({ sagas: [JourneySaga] });
    world().gate('travel').open();
    const saga = second.sagas.get(JourneySaga, id);
    expect(await saga.result()).toEqual({ pack: 'suitcase', travel: 'there' });
    expect(world().deeds).toEqual(['pack', 'travel with suitcase #1', 'travel with suitcase #2']);
    expect(await told(saga)).toContain('travel is cut short by a stop');
  });

  it('what the saga was started with is on all that the next application says of it', async () => {
    const metadata = { tenant: 'acme', user: 'ann' };
    const first = await boot({ sagas: [JourneySaga], options: QUICK_STOP });
    const { id } = await first.sagas.start(JourneySaga, {}, { metadata });
    await world().gate('travel').reached;
    await first.close();
    const second = await boot({ sagas: [JourneySaga] });
    const saga = second.sagas.get(JourneySaga, id);
    await saga.cancel('changed my mind');
    world().gate('unpack').open();
    await errorOf(saga.result(), SagaCompensatedError);
    const said = [...second.heard, ...second.log({ id }).map(({ fields }) => fields)];
    expect(said.length).toBeGreaterThan(2);
    for (const one of said) expect(one).toMatchObject({ metadata });
    expect((await saga.view()).metadata).toEqual(metadata);
  });

  it('R21, R22: the same with a compensation: none is left out, and none runs again once it is done', async () => {
    const first = await boot({ sagas: [JourneySaga], options: QUICK_STOP });
    const { id, ...handle } = await first.sagas.start(JourneySaga, {});
    void handle;
    await world().gate('travel').reached;
    await first.sagas.get(id).cancel('it rains');
    world().gate('travel').open();
    await world().gate('unpack').reached;
    await first.close();
    const second = await boot({ sagas: [JourneySaga] });
    world().gate('unpack').open();
    const { failure } = await errorOf(second.sagas.get(id).result(), SagaCompensatedError);
    expect(failure).toEqual({ kind: 'cancelled', message: 'it rains' });
    expect(world().deeds.slice(2)).toEqual(['come back', 'unpack suitcase #1', 'unpack suitcase #2']);
  });

  it('R21: a step that must not be repeated is unknown, and compensated, by the next application', async () => {
    const first = await boot({ sagas: [OneWaySaga], options: QUICK_STOP });
    const { id } = await first.sagas.start(OneWaySaga, {});
    await world().gate('fly').reached;
    await first.close();
    const second = await boot({ sagas: [OneWaySaga] });
    await errorOf(second.sagas.get(id).result({ timeout: '20s' }), SagaCompensatedError);
    expect(world().deeds).toEqual(['fly', 'search (unknown)']);
  });

  it('R22: what is drained is given back at once: nobody owns it, and it begins where it stopped', async () => {
    const first = await boot({ sagas: [JourneySaga] });
    const { id } = await first.sagas.start(JourneySaga, {});
    await world().gate('travel').reached;
    const watcher = await boot({ sagas: [JourneySaga], options: { worker: { enabled: false } } });
    const closing = first.close();
    await eventually(
      async () => (await first.sagas.health()).worker,
      (worker) => worker === 'stopped',
    );
    world().gate('travel').open();
    await closing;
    expect(await owned(watcher)).toBe(0);
    expect(await watcher.sagas.get(id).view()).toMatchObject({
      status: 'running',
      steps: [{ status: 'succeeded' }, { status: 'succeeded' }],
    });
    await boot({ sagas: [JourneySaga] });
    await watcher.sagas.get(id).result({ timeout: '20s' });
    expect(world().deeds).toHaveLength(2);
  });

  it('R22: starts under way while it closes: whatever was answered is executed, and nobody who is gone owns it', async () => {
    const first = await boot({ sagas: [JourneySaga] });
    world().gate('travel').open();
    const starting = Promise.allSettled(Array.from({ length: 60 }, async () => first.sagas.start(JourneySaga, {})));
    await first.close();
    const started = (await starting).flatMap((end) => (end.status === 'fulfilled' ? [end.value.id] : []));
    const watcher = await boot({ sagas: [JourneySaga], options: { worker: { enabled: false } } });
    expect(await owned(watcher)).toBe(0);
    await boot({ sagas: [JourneySaga] });
    await Promise.all(started.map(async (id) => watcher.sagas.get(id).result({ timeout: '20s' })));
  });

  it('R30: a cancel from another application reaches the owner', async () => {
    const owner = await boot({ sagas: [JourneySaga] });
    const { id } = await owner.sagas.start(JourneySaga, {});
    await world().gate('travel').reached;
    world().gate('unpack').open();
    const other = await boot({ sagas: [JourneySaga], options: { worker: { enabled: false } } });
    expect(await other.sagas.get(id).cancel('from afar')).toEqual({ accepted: true });
    await errorOf(other.sagas.get(id).result({ timeout: '20s' }), SagaCompensatedError);
    expect(world().deeds).toEqual(['pack', 'travel with suitcase #1', 'come back', 'unpack suitcase #1']);
  });

  it('R28: a parked saga holds no memory, and its timer is durable', async () => {
    const first = await boot({ sagas: [AlarmSaga] });
    const { id } = await first.sagas.start(AlarmSaga, {});
    await eventually(
      async () => owned(first),
      (count) => count === 0,
    );
    await first.close();
    const second = await boot({ sagas: [AlarmSaga] });
    expect((await second.sagas.get(id).view()).waitingFor).toMatchObject({ kind: 'timer', name: 'ring', until: expect.any(Date) });
    expect(await second.sagas.get(AlarmSaga, id).result({ timeout: '20s' })).toEqual({ set: undefined, ring: 'rang' });
  });

  it.each([
    ['an entry that does not fit', `jsonb_set(entries::jsonb, '{0,kind}', '"compensation-succeeded"')`],
    ['an entry of no known kind', `jsonb_set(entries::jsonb, '{0,kind}', '"of-tomorrow"')`],
    ['an entry that is no object', `jsonb_set(entries::jsonb, '{0}', '[]')`],
    ['a row that is no list', `'{}'`],
    ['a step that is not there', `jsonb_set(entries::jsonb, '{0,step}', '"renamed"')`],
  ])('R4: a journal with %s makes its saga stuck, and stops no other', async (_what, entries) => {
    const first = await boot({ sagas: [JourneySaga], options: QUICK_STOP });
    const { id } = await first.sagas.start(JourneySaga, {});
    await world().gate('travel').reached;
    await first.close();

    const watcher = await boot({ sagas: [JourneySaga], options: { worker: { enabled: false } } });
    await spoil(watcher, id, entries);
    world().gate('travel').open();
    const healthy = await Promise.all(Array.from({ length: 5 }, async () => watcher.sagas.start(JourneySaga, {})));
    await boot({ sagas: [JourneySaga] });
    await Promise.all(healthy.map(async (saga) => saga.result({ timeout: '20s' })));
    const { failure } = await errorOf(watcher.sagas.get(id).result({ timeout: '20s' }), SagaStuckError);
    expect(failure.message).toMatch(/entry 3\b/);
    expect((await watcher.sagas.get(id).view()).status).toBe('stuck');
    expect(await owned(watcher)).toBe(0);
  });

  const spoil = async (app: SagaApp, id: string, entries: string): Promise<void> => {
    await app
      .get(DataSource)
      .query(`update ${schema()}.saga_journal set entries = (${entries})::json where saga_id = $1 and sequence = 3`, [id]);
  };
});
