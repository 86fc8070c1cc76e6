import type { RegisteredSaga } from '../definition/registered-saga.js';
import { sagaOf, step } from '../planning/definition.fixture.js';
import type { NewSaga, SagaStore, StartResult } from '../store/saga-store.js';
import { SagaClock } from './saga-clock.js';
import { SagaStarter } from './saga-starter.js';
import type { SagaWorker } from './saga-worker.js';

/** A store whose starts are answered when the test says so, and those of keys that somebody holds never. */
function begin() {
  const asked: string[] = [];
  const answers: ((result: StartResult) => void)[] = [];
  const store = {
    start: (saga: NewSaga, _manager: unknown, onWait: () => void): Promise<StartResult> => {
      asked.push(saga.instance.key ?? '');
      if (saga.instance.key?.startsWith('held')) onWait();
      return new Promise((resolve) => answers.push(resolve));
    },
  } as unknown as SagaStore;
  const worker = { ownerForNext: undefined } as unknown as SagaWorker;
  const starter = new SagaStarter({ store, clock: new SagaClock(), worker, observe: () => undefined });
  const registered = { definition: sagaOf(step('pack')) } as unknown as RegisteredSaga;
  const start = (key: string, manager?: object): Promise<unknown> =>
    starter.start(registered, {}, { key, ...(manager && { manager: manager as never }) });
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { asked, answers, start, settled };
}

const named = (name: string, count: number): string[] => Array.from({ length: count }, (_none, index) => `${name}-${index}`);

describe('SagaStarter', () => {
  it('hands the store 64 starts at a time, and the next with each answer', async () => {
    const { asked, answers, start, settled } = begin();
    const started = named('key', 70).map((key) => start(key));
    await settled();
    expect(asked).toEqual(named('key', 64));
    answers[3]?.({ kind: 'created' });
    await started[3];
    await settled();
    expect(asked).toEqual(named('key', 65));
  });

  it('R32: starts whose keys somebody holds delay no others', async () => {
    const { asked, start, settled } = begin();
    for (const key of [...named('held', 100), ...named('free', 10)]) void start(key);
    await settled();
    expect(asked).toEqual([...named('held', 100), ...named('free', 10)]);
  });

  it('R32: a start in a transaction, which holds what others wait for, goes out at once', async () => {
    const { asked, start, settled } = begin();
    for (const key of named('key', 64)) void start(key);
    void start('in-a-transaction', {});
    await settled();
    expect(asked.at(-1)).toBe('in-a-transaction');
  });
});
