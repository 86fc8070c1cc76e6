import { Compensate, SagaCompensatedError, SagaContext, SagaDefinition, SagaStep, StepRejected } from 'nestjs-sagas';
import { Client } from 'pg';

import { onPostgres } from '../support/on-postgres.js';
import { describeStory, errorOf } from '../support/saga-app.js';

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

/** What this process asks of its databases, by the names or texts of the statements; what a node asks by itself is left out. */
function listen(): { asked: string[]; stop(): void } {
  const asked: string[] = [];
  const prototype = Client.prototype as unknown as { query: (this: Client, ...given: unknown[]) => unknown };
  const { query } = prototype;
  prototype.query = function ask(...given) {
    const [statement] = given as [string | { readonly name?: string; readonly text: string }];
    const text = typeof statement === 'string' ? statement : (statement.name ?? statement.text);
    if (/saga_(instance|journal|mailbox)/.test(text) && !BY_ITSELF.test(text)) asked.push(text);
    return query.apply(this, given);
  };
  return { asked, stop: () => void (prototype.query = query) };
}

/** Heartbeats, claims, releases of dead nodes, sweeps. */
const BY_ITSELF = /saga_node|for no key update skip locked|from held|ended_at|parked/;

describeStory('what a saga costs', onPostgres(), ({ boot }) => {
  const isWrite = (statement: string): boolean => statement.startsWith('write saga_journal');

  it('one that runs alone is written N+2 times for N steps, and its starter asks nothing more', async () => {
    const app = await boot({ sagas: [WeekendSaga] });
    await (await app.sagas.start(WeekendSaga, { rain: false })).result();
    const { asked, stop } = listen();
    await (await app.sagas.start(WeekendSaga, { rain: false })).result();
    stop();
    expect(asked.filter(isWrite).length).toBeLessThanOrEqual(STEPS + 2);
    expect(asked.length).toBeLessThanOrEqual(STEPS + 3);
    expect(asked.filter(isWrite)).toHaveLength(STEPS + 1);
  });

  it('one that unwinds is written once more for each compensation', async () => {
    const app = await boot({ sagas: [WeekendSaga] });
    const { asked, stop } = listen();
    await errorOf((await app.sagas.start(WeekendSaga, { rain: true })).result(), SagaCompensatedError);
    stop();
    expect(asked).toHaveLength(STEPS + 1 + 2);
  });

  it('of a hundred and twenty-eight at once, two share a commit at least', async () => {
    const app = await boot({ sagas: [WeekendSaga] });
    const run = async (): Promise<void> => void (await (await app.sagas.start(WeekendSaga, { rain: false })).result());
    const { asked, stop } = listen();
    await Promise.all(Array.from({ length: 128 }, run));
    stop();
    expect(asked.filter(isWrite).length).toBeGreaterThan(0);
    expect(asked.length).toBeLessThanOrEqual(128 / 2);
  });
});
