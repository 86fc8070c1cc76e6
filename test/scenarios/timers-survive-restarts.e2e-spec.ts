import { AwaitSignal, Compensate, SagaCompensatedError, SagaContext, SagaDefinition, SagaStep } from 'nestjs-sagas';

import { eventually } from '../support/eventually.js';
import { onMovableClock } from '../support/on-movable-clock.js';
import { describeStory, errorOf, told } from '../support/saga-app.js';
import { World } from '../support/world.js';

const HOUR_MS = 3_600_000;

@SagaDefinition({ name: 'trial', timeout: '9d' })
class TrialSaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  async open() {
    this.world.did('open');
  }
  @Compensate('open')
  async close() {
    this.world.did('close');
  }

  @SagaStep({ kind: 'readonly', delay: '1h' })
  async greet() {
    this.world.did('greet');
  }

  @AwaitSignal('answer', { timeout: '2h', onTimeout: 'continue' })
  answer(_: SagaContext, words: string): string | undefined {
    return words;
  }

  @AwaitSignal('decision')
  decide() {}
}

describeStory('timers survive restarts', onMovableClock, ({ boot, world, place }) => {
  it('R28, R29: a delay, a wait and a deadline, each by the clock of the database, whoever is there when it comes', async () => {
    const first = await boot({ sagas: [TrialSaga] });
    const { id } = await first.sagas.start(TrialSaga, {});
    const delayed = await eventually(
      () => first.sagas.get(id).view(),
      ({ waitingFor }) => waitingFor?.kind === 'timer',
    );
    expect(delayed.waitingFor).toMatchObject({ kind: 'timer', name: 'greet' });
    await first.close();
    expect(world().deeds).toEqual(['open']);

    await place().pass(HOUR_MS);
    const second = await boot({ sagas: [TrialSaga] });
    const waiting = await eventually(
      () => second.sagas.get(id).view(),
      ({ waitingFor }) => waitingFor?.kind === 'signal',
    );
    expect(waiting.waitingFor).toMatchObject({ name: 'answer', until: expect.any(Date) });
    expect(world().deeds).toEqual(['open', 'greet']);
    await second.close();

    await place().pass(2 * HOUR_MS);
    const third = await boot({ sagas: [TrialSaga] });
    await eventually(
      () => third.sagas.get(id).view(),
      ({ waitingFor }) => waitingFor?.name === 'decision',
    );
    await third.close();

    await place().pass(10 * 24 * HOUR_MS);
    const fourth = await boot({ sagas: [TrialSaga] });
    const { failure } = await errorOf(fourth.sagas.get(id).result(), SagaCompensatedError);
    expect(failure.code).toBe('SAGA_DEADLINE');
    expect(world().deeds).toEqual(['open', 'greet', 'close']);
    expect(await told(fourth.sagas.get(id))).toEqual([
      'the saga starts',
      'open starts',
      'open succeeded',
      'greet waits',
      'greet starts',
      'greet succeeded',
      'answer waits for signal answer',
      'answer is skipped: no signal answer came within 7200000ms',
      'decide waits for signal decision',
      `unwinding begins: timed-out (${failure.message})`,
      'decide is skipped: the saga unwinds',
      'undo open starts',
      'undo open succeeded',
      'the saga is compensated',
    ]);
  });
});
