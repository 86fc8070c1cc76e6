import { AwaitSignal, Compensate, SagaContext, SagaDefinition, SagaStep, SagaStuckError, StepRejected, toMermaid } from 'nestjs-sagas';

import { eventually } from '../support/eventually.js';
import { inMemory } from '../support/in-memory.js';
import { readMermaid } from '../support/read-mermaid.js';
import { describeStory, errorOf } from '../support/saga-app.js';

/**
 *            ┌─ seats (three; the last gives no answer) ──┐
 *  account ──┤                                            ├── pay
 *            └─ insurance (its compensation is refused) ──┘
 */
@SagaDefinition({ name: 'journey', key: () => 'ann' })
class JourneySaga {
  @SagaStep()
  async account() {}

  @Compensate('account')
  async closeAccount() {}

  @SagaStep({ after: 'account', each: () => [1, 2, 3], retry: { attempts: 2 } })
  async seats({ item }: SagaContext<unknown, JourneySaga, number>) {
    if (item === 3) throw new Error('no answer');
  }

  @Compensate('seats')
  async freeSeats() {}

  @SagaStep({ after: 'account' })
  async insurance() {}

  @Compensate('insurance')
  async endInsurance() {
    throw new StepRejected('ENDED', 'it has ended "already"');
  }

  @SagaStep({ kind: 'pivot', after: ['seats', 'insurance'] })
  async pay() {}
}

@SagaDefinition({ name: 'loan', key: () => 'l-1' })
class LoanSaga {
  @SagaStep({ kind: 'readonly', after: [] })
  async check() {}

  @SagaStep({ kind: 'readonly', after: [] })
  async ask() {}

  @AwaitSignal('approval', { after: ['check', 'ask'] })
  approve() {}

  @SagaStep({ kind: 'readonly', delay: '1h' })
  async pay() {}
}

describeStory('a saga draws itself', inMemory, ({ boot }) => {
  it('with what depends on what, how it ended, what was undone, and why', async () => {
    const app = await boot({ sagas: [JourneySaga] });
    const saga = await app.sagas.start(JourneySaga, {});
    await errorOf(saga.result(), SagaStuckError);
    const { title, boxes, edges } = await readMermaid(toMermaid(await saga.view()));
    expect(title).toBe('journey, ann: stuck');
    expect(boxes).toEqual({
      s1: { label: 'account<br>succeeded', shape: 'square', classes: ['succeeded'] },
      u1: { label: 'pending', shape: 'round', classes: ['pending'] },
      s2: { label: 'seats<br>2 of 3 succeeded, 1 of 3 unknown, 4 attempts<br>no answer', shape: 'lean_right', classes: ['unknown'] },
      u2: { label: '3 of 3 compensated', shape: 'round', classes: ['compensated'] },
      s3: { label: 'insurance<br>succeeded', shape: 'square', classes: ['succeeded'] },
      u3: { label: 'failed<br>ENDED: it has ended "already"', shape: 'round', classes: ['failed'] },
      s4: { label: 'pay<br>pivot<br>skipped', shape: 'hexagon', classes: ['pivot', 'skipped'] },
      note: {
        label: 'seats failed<br>item 2: no answer<br>not undone: insurance (its compensation failed: it has ended "already")',
        shape: 'square',
        classes: ['note'],
      },
    });
    expect(edges).toEqual(['s1 --> s2', 's1 --> s3', 's2 --> s4', 's3 --> s4', 's1 -.-> u1', 's2 -.-> u2', 's3 -.-> u3', 's2 -.-> note']);
  });

  it('while it waits, also where its class is not known: then in the order in which its steps began', async () => {
    const app = await boot({ sagas: [LoanSaga] });
    const { id } = await app.sagas.start(LoanSaga, {});
    const view = await eventually(
      () => app.sagas.get(id).view(),
      ({ waitingFor }) => waitingFor?.kind === 'signal',
    );
    const known = await readMermaid(toMermaid(view));
    expect(known.title).toBe('loan, l-1: running (waits for signal approval)');
    expect(known.boxes['s3']).toEqual({ label: 'approve<br>waiting', shape: 'stadium', classes: ['waiting'] });
    expect(known.edges).toEqual(['s1 --> s3', 's2 --> s3', 's3 --> s4']);

    const stranger = await boot({ sagas: [JourneySaga] });
    const unknown = await readMermaid(toMermaid(await stranger.sagas.get(id).view()));
    expect(Object.values(unknown.boxes).map(({ label }) => label)).toEqual([
      'check<br>succeeded',
      'ask<br>succeeded',
      'approve<br>waiting',
    ]);
    expect(unknown.edges).toEqual(['s1 --> s2', 's2 --> s3']);
  });
});
