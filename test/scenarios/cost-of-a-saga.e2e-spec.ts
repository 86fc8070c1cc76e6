import { Compensate, SagaCompensatedError, SagaContext, SagaDefinition, SagaStep, StepRejected } from 'nestjs-sagas';

import { onPostgres } from '../support/on-postgres.js';
import { describeStory, errorOf } from '../support/saga-app.js';
import { listenToStatements } from '../support/statements.js';

@SagaDefinition({ name: 'weekend' })
class WeekendSaga {
  @SagaStep()
  async train() {
    return { seat: '12A' };
  }

  @Compensate('train')
  async giveSeatBack() {}

  @SagaStep()
  async hotel() {
    return { room: 7 };
  }

  @Compensate('hotel')
  async giveRoomBack() {}

  @SagaStep({ kind: 'readonly' })
  async weather({ input }: SagaContext<{ rain: boolean }>) {
    if (input.rain) throw new StepRejected('it rains');
    return 'sunny';
  }
}

const STEPS = 3;

/** Heartbeats, claims, releases of dead nodes, sweeps. */
const BY_ITSELF = /saga_node|for no key update skip locked|from held|ended_at|parked/;

/** Asked for sagas since it was called; what a node asks by itself is left out. */
function listen(): () => readonly string[] {
  const { asked, stop } = listenToStatements();
  return () => {
    stop();
    return asked.filter((statement) => /saga_(instance|journal|mailbox)/.test(statement) && !BY_ITSELF.test(statement));
  };
}

describeStory('what a saga costs', onPostgres(), ({ boot }) => {
  const isWrite = (statement: string): boolean => statement.startsWith('write saga_journal');

  it('one that runs alone is written N+2 times for N steps, and its starter asks nothing more', async () => {
    const app = await boot({ sagas: [WeekendSaga] });
    await (await app.sagas.start(WeekendSaga, { rain: false })).result();
    const heard = listen();
    await (await app.sagas.start(WeekendSaga, { rain: false })).result();
    const asked = heard();
    expect(asked.filter(isWrite).length).toBeLessThanOrEqual(STEPS + 2);
    expect(asked.length).toBeLessThanOrEqual(STEPS + 3);
    expect(asked.filter(isWrite)).toHaveLength(STEPS + 1);
  });

  it('one that unwinds is written once more for each compensation', async () => {
    const app = await boot({ sagas: [WeekendSaga] });
    const heard = listen();
    await errorOf((await app.sagas.start(WeekendSaga, { rain: true })).result(), SagaCompensatedError);
    const asked = heard();
    expect(asked).toHaveLength(STEPS + 1 + 2);
  });

  it('of a hundred and twenty-eight at once, two share a commit at least', async () => {
    const app = await boot({ sagas: [WeekendSaga] });
    const run = async (): Promise<void> => void (await (await app.sagas.start(WeekendSaga, { rain: false })).result());
    const heard = listen();
    await Promise.all(Array.from({ length: 128 }, run));
    const asked = heard();
    expect(asked.filter(isWrite).length).toBeGreaterThan(0);
    expect(asked.length).toBeLessThanOrEqual(128 / 2);
  });
});
