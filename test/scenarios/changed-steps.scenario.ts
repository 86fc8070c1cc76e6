import { AwaitSignal, defineSignal, SagaContext, SagaDefinition, SagaStep } from 'nestjs-sagas';

import { eventually } from '../support/eventually.js';
import { describeStory, type SagaApp, type StoryStore, told } from '../support/saga-app.js';
import { World } from '../support/world.js';

const LOAN = { name: 'loan' };
const PATIENCE = { options: { worker: { shutdownTimeout: 20 } } };
const BY = { operator: 'ann', reason: 'the release is out' };
const approval = defineSignal<string>('approval');

/** A machine approves. Its graph, and so its hash, is that of the next class. */
@SagaDefinition(LOAN)
class MachineLoanSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ kind: 'readonly' })
  async approve({ signal }: SagaContext) {
    this.world.did('ask the machine');
    await this.world.gate('machine').pass(signal);
    return 'by machine';
  }

  @SagaStep({ kind: 'readonly' })
  async pay({ signal }: SagaContext) {
    await this.world.gate('pay').pass(signal);
    return 'paid';
  }
}

/** A person does. */
@SagaDefinition(LOAN)
class PersonLoanSaga {
  constructor(private readonly world: World) {}

  @AwaitSignal(approval)
  approve(_: SagaContext, by: string) {
    this.world.did(`approved by ${by}`);
    return `by ${by}`;
  }

  @SagaStep({ kind: 'readonly' })
  async pay() {
    return 'paid';
  }
}

export function tellChangedSteps(store: StoryStore): void {
  describeStory('a step that was called and waits today, or the other way round', store, ({ boot, world, place }) => {
    it('R23: in the middle of its call: the saga stays where it is, and goes on when the class is back', async () => {
      const before = await boot({ sagas: [MachineLoanSaga], ...PATIENCE });
      const { id } = await before.sagas.start(MachineLoanSaga, {});
      await world().gate('machine').reached;
      await before.close();
      const after = await boot({ sagas: [PersonLoanSaga] });
      await after.sagas.get(PersonLoanSaga, id).signal(approval, 'ann');
      await staysPut(after, id, 'approve was called without a wait, and waits for signal approval here');
      await after.close();
      await place().pass(60_000);
      world().gate('machine').open();
      world().gate('pay').open();
      const back = await boot({ sagas: [MachineLoanSaga] });
      expect(await back.sagas.get(MachineLoanSaga, id).result()).toEqual({ approve: 'by machine', pay: 'paid' });
      expect(world().deeds).toEqual(['ask the machine', 'ask the machine']);
    });

    it('R23: while it waits: nothing goes on without what it waits for, until the class that waits is back', async () => {
      const before = await boot({ sagas: [PersonLoanSaga] });
      const { id } = await before.sagas.start(PersonLoanSaga, {});
      await eventually(
        async () => before.sagas.get(id).view(),
        ({ waitingFor }) => waitingFor?.kind === 'signal',
      );
      await before.close();
      const after = await boot({ sagas: [MachineLoanSaga] });
      // It waits without a limit: nobody would look at it before something comes.
      await after.sagas.get(id).pause(BY);
      await after.sagas.get(id).resume(BY);
      await staysPut(after, id, 'approve waits for signal approval, and does not wait here');
      await after.close();
      await place().pass(60_000);
      const back = await boot({ sagas: [PersonLoanSaga] });
      const handle = back.sagas.get(PersonLoanSaga, id);
      await handle.signal(approval, 'ann');
      expect(await handle.result()).toEqual({ approve: 'by ann', pay: 'paid' });
      expect(world().deeds).toEqual(['approved by ann']);
    });

    it('R23: once it is done it may be either', async () => {
      const before = await boot({ sagas: [MachineLoanSaga], ...PATIENCE });
      const { id } = await before.sagas.start(MachineLoanSaga, {});
      world().gate('machine').open();
      await world().gate('pay').reached;
      await before.close();
      const after = await boot({ sagas: [PersonLoanSaga] });
      expect(await after.sagas.get(PersonLoanSaga, id).result()).toEqual({ approve: 'by machine', pay: 'paid' });
      // Its graph is the same.
      expect((await told(after.sagas.get(id))).filter((line) => line.includes('definition'))).toEqual([]);
    });
  });
}

/** It is nobody's, and its steps are as they were; what it was sent may have come. */
async function staysPut(app: SagaApp, id: string, why: string): Promise<void> {
  const warnings = await eventually(
    () => app.log({ id }).filter(({ text }) => text.startsWith('waits for its definition')),
    ({ length }) => length > 0,
  );
  expect(warnings).toMatchObject([{ text: expect.stringContaining(`${why}. `), fields: { step: 'approve' } }]);
  const view = await eventually(
    async () => app.sagas.get(id).view(),
    ({ waitingFor }) => waitingFor?.kind === 'definition',
  );
  expect(view).toMatchObject({ status: 'running', failure: null });
  expect((await told(app.sagas.get(id))).filter((line) => line.startsWith('approve#2'))).toEqual([]);
}
