import { SagaDefinition, SagaOperationError, SagaStep } from 'nestjs-sagas';

import { InMemorySagaStore } from '../../libs/saga/src/store/in-memory/in-memory-saga-store.js';
import { eventually } from '../support/eventually.js';
import { errorOf } from '../support/saga-app.js';
import { CrashingNode } from './node.js';

const BY = { operator: 'ann', reason: 'I looked at it' };
const HOUR_MS = 3_600_000;

@SagaDefinition({ name: 'siesta' })
class SiestaSaga {
  @SagaStep({ kind: 'readonly', delay: '1h' })
  async wake() {}
}

describe('what an operator’s command leaves in the store', () => {
  let shiftMs: number;
  let store: InMemorySagaStore;
  let node: CrashingNode;

  beforeEach(async () => {
    shiftMs = 0;
    store = new InMemorySagaStore({ now: () => Date.now() + shiftMs });
    node = await boot();
  });
  afterEach(async () => node.leave());

  /** With the clock of the store. */
  const boot = async () => CrashingNode.boot(store, { type: SiestaSaga, make: () => new SiestaSaga(), leaseMs: 10 * HOUR_MS });

  const rowOf = async (id: string) => (await store.find(id))!;

  const parked = async () => {
    const saga = await node.sagas.start(SiestaSaga, {});
    await eventually(
      async () => (await rowOf(saga.id)).owner,
      (owner) => owner === null,
    );
    return saga;
  };

  it('R16, R28: a paused saga whose time comes is looked at once, and not again until it is resumed', async () => {
    const saga = await parked();
    await saga.pause(BY);
    await node.leave();
    shiftMs += 2 * HOUR_MS;
    node = await boot();
    const { wakeAt } = await eventually(
      async () => rowOf(saga.id),
      ({ wakeAt: at, owner }) => at === null && owner === null,
    );
    expect(wakeAt).toBeNull();
    expect((await rowOf(saga.id)).epoch).toBe(2);
    expect(await saga.view()).toMatchObject({ paused: true, steps: [{ status: 'waiting', attempts: 0 }] });
    await node.sagas.get(saga.id).resume(BY);
    await node.sagas.get(saga.id).result();
    expect((await rowOf(saga.id)).epoch).toBe(3);
  });

  it('R4, R16: a saga whose journal cannot be read takes no command, and says which entry is at fault', async () => {
    const saga = await parked();
    await store.change(saga.id, ({ journal: { length } }) => ({
      entries: [{ kind: 'step-succeeded', step: 'wake', sequence: length + 1, at: 0 }],
      wakeAt: null,
    }));
    const { message } = await errorOf(saga.retry(BY), SagaOperationError);
    expect(message).toContain(
      'its journal entry 3 (step-succeeded of wake) is illegal in a step that is waiting. No command can mend that',
    );
  });
});
