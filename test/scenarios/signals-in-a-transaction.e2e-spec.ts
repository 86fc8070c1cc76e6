import { AwaitSignal, SagaContext, SagaDefinition } from 'nestjs-sagas';
import { DataSource } from 'typeorm';

import { eventually } from '../support/eventually.js';
import { onPostgres } from '../support/on-postgres.js';
import { describeStory, told } from '../support/saga-app.js';

@SagaDefinition({ name: 'ticket' })
class TicketSaga {
  @AwaitSignal('paid')
  paid(_: SagaContext, cents: number) {
    return cents;
  }
}

describeStory('signals in the caller’s transaction', onPostgres(), ({ boot }) => {
  it('R27: counts once the transaction commits, and holds up nobody until then', async () => {
    const app = await boot({ sagas: [TicketSaga] });
    const ticket = await app.sagas.start(TicketSaga, {});
    await eventually(
      () => ticket.view(),
      ({ waitingFor }) => waitingFor?.kind === 'signal',
    );
    const dataSource = app.get(DataSource);

    const failing = dataSource.transaction(async (manager) => {
      await ticket.signal('paid', 1, { manager });
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');

    await dataSource.transaction(async (manager) => {
      await ticket.signal('paid', 2, { manager });
      // Its row is free: it can be paused, looked at and resumed meanwhile.
      await ticket.pause({ operator: 'ann', reason: 'looks at it' });
      await ticket.resume({ operator: 'ann', reason: 'looked at it' });
      expect((await told(ticket)).some((line) => line.includes('comes'))).toBe(false);
    });
    await expect(ticket.result()).resolves.toEqual({ paid: 2 });
  });

  it('R27: a signal to a saga that is started in the same transaction is kept for it', async () => {
    const app = await boot({ sagas: [TicketSaga] });
    const ticket = await app.get(DataSource).transaction(async (manager) => {
      const started = await app.sagas.start(TicketSaga, {}, { manager });
      await started.signal('paid', 3, { manager });
      return started;
    });
    await expect(ticket.result()).resolves.toEqual({ paid: 3 });
  });
});
