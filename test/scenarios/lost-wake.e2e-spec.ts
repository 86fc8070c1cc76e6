import { EventBus } from '@nestjs/cqrs';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SagaDefinition, SagaModule, SagaStartedEvent, SagaStep } from 'nestjs-sagas';
import { DataSource } from 'typeorm';

import { type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy.js';
import { onPostgres } from '../support/on-postgres.js';
import { describeStory } from '../support/saga-app.js';
import { isClaim, listenToStatements } from '../support/statements.js';

@SagaDefinition({ name: 'nap' })
class NapSaga {
  @SagaStep({ kind: 'readonly' })
  async sleep() {}
}

describeStory('a wake that is lost', onPostgres(), ({ boot, place }) => {
  let proxy: CuttingProxy | undefined;
  afterEach(async () => proxy?.close());

  it('costs one look of a worker: the first that begins after the start takes the saga up', async () => {
    const worker = await boot({ sagas: [NapSaga] });
    proxy = await startCuttingProxy((worker.get(DataSource).options as { readonly url: string }).url);
    const caller = await boot({
      sagas: [NapSaga],
      imports: [TypeOrmModule.forRoot({ type: 'postgres', url: proxy.url, name: 'caller', retryAttempts: 0 })],
      wiring: SagaModule.forRoot({ ...place().options, dataSource: 'caller', worker: { enabled: false } }),
    });

    const { asked, stop } = listenToStatements();
    const claims = (): number => asked.filter(isClaim).length;
    const takenUp = new Promise<number>((resolve) => {
      worker.get<EventBus>(EventBus).subscribe((event) => event instanceof SagaStartedEvent && resolve(claims()));
    });
    const lost = proxy.cutNext({ request: 'pg_notify', how: 'unsent' });
    const saga = await caller.sagas.start(NapSaga, {});
    const before = claims();
    await lost;
    const looks = (await takenUp) - before;
    stop();
    // None, where one was under way already.
    expect(looks).toBeLessThanOrEqual(1);
    await saga.result({ timeout: '20s' });
  });
});
