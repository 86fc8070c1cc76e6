import { AwaitEvent, AwaitSignal, child, Compensate, SagaContext, SagaDefinition, SagaStep, StepRejected } from 'nestjs-sagas';

import { InMemorySagaStore } from '../../libs/saga/src/store/in-memory/in-memory-saga-store.js';
import type { Mail } from '../../libs/saga/src/store/mail.js';
import { eventually } from '../support/eventually.js';
import { type CrashScenario, crashPointsOf, runScenario } from './crash-points.js';
import { Doing, scenario } from './doing.js';
import type { CrashPoint } from './life.js';
import { CrashingNode, LEASE_MS } from './node.js';
import { placeInMemory } from './places.js';

class Paid {
  readonly cents: number = 7;
}

@SagaDefinition({ name: 'hears-once' })
class HearsOnce {
  @AwaitSignal('go')
  go() {}

  @AwaitEvent(Paid, { key: () => 'k-1' })
  pay(_: SagaContext, { cents }: Paid) {
    return cents;
  }
}

const EVENT: Mail = { to: { sagaName: 'hears-once', sagaKey: 'k-1' }, channel: 'event', name: 'Paid', payload: { cents: 7 } };

/** Who posts the event dies at this write, counted from the first of the post itself, and nobody posts it again. */
async function dyingAt(crashPoint: CrashPoint, isThere: 'before' | 'after') {
  let shiftMs = 0;
  const store = new InMemorySagaStore({ now: () => Date.now() + shiftMs });
  const setup = { type: HearsOnce, make: () => new HearsOnce() };
  const boot = async (more: object) => CrashingNode.boot(store, { ...setup, ...more });
  const begin = async ({ sagas }: CrashingNode) => sagas.start(HearsOnce, {}, { key: 'k-1' });

  const poster = await boot({ works: false, crashPoint: { ...crashPoint, write: crashPoint.write + 1 } });
  const owner = await boot({});
  if (isThere === 'before') await begin(owner);
  await Promise.race([poster.life.died, poster.post(EVENT)]);
  const { writes } = poster.life;
  // Longer than any poster is on the way.
  shiftMs += 10_000;
  await owner.sweep();
  const saga = await begin(owner);
  await saga.signal('go');
  return { saga, owner, poster, store, writes: writes.slice(1) };
}

describe('R19, R27: who posts an event dies, and nobody posts it again', () => {
  it.each([
    ['its saga is there', 'before', 'take its messages'],
    ['its saga starts later', 'after', 'park a message'],
  ] as const)('%s: once it is durable it comes, wherever the poster died', async (_, isThere, second) => {
    for (const moment of ['before', 'after'] as const) {
      const { saga, owner, poster, writes } = await dyingAt({ write: 2, moment }, isThere);
      expect(poster.life.isOver).toBe(true);
      expect(writes).toEqual(['post a message', second]);
      await expect(saga.result({ timeout: '20s' })).resolves.toMatchObject({ pay: 7 });
      // The signal and the event, once.
      expect((await saga.journal()).filter(({ kind }) => kind === 'message-received')).toHaveLength(2);
      await Promise.all([owner.leave(), poster.leave()]);
    }
  });

  it('before it is durable it was never posted: the saga waits', async () => {
    const { saga, owner, poster } = await dyingAt({ write: 1, moment: 'before' }, 'before');
    await eventually(
      () => saga.view(),
      ({ waitingFor }) => waitingFor?.kind === 'event',
    );
    await Promise.all([owner.leave(), poster.leave()]);
  });
});

@SagaDefinition({ name: 'not-idempotent' })
class NotIdempotent extends Doing {
  @SagaStep()
  async reserve(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('reserve')
  async release(context: SagaContext) {
    await this.do(context);
  }

  @SagaStep({ idempotent: false })
  async fire(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('fire')
  async callBack(context: SagaContext) {
    await this.do(context);
  }

  @SagaStep({ kind: 'readonly' })
  async check() {
    throw new StepRejected('WRONG_PLACE');
  }
}

describe('R9, R19, R21: a node dies at each write beside a step that is not idempotent', () => {
  it('it is never called again: its outcome is unknown, and it is undone', async () => {
    const once: CrashScenario = scenario('it fires', NotIdempotent);
    const whole = await runScenario(once, placeInMemory());
    const seen = new Set<string>();
    for (const crashPoint of crashPointsOf(whole)) {
      let calls = 0;
      class Counting extends NotIdempotent {
        override async fire(context: SagaContext) {
          calls += 1;
          return super.fire(context);
        }
      }
      const make: CrashScenario['make'] = (deeds, sagas) => new Counting(deeds, sagas);
      const { ending, doneAgain, doneTooOften, changedTooLate } = await runScenario({ ...once, make }, placeInMemory(), crashPoint);
      expect({ doneAgain, doneTooOften, changedTooLate }).toEqual({ doneAgain: [], doneTooOften: [], changedTooLate: false });
      expect(calls).toBeLessThanOrEqual(1);
      expect(ending.sagas).toMatchObject({ saga: { status: 'compensated', steps: { reserve: 'nothing is left' } } });
      expect(ending.effects).toEqual([]);
      const failure = ending.sagas['saga']?.failure;
      seen.add(String(failure && 'step' in failure ? failure.step : ''));
    }
    // Some nodes died while it fired, and the others before or after.
    expect(seen).toEqual(new Set(['check', 'fire']));
  });
});

@SagaDefinition({ name: 'late-child' })
class LateChild {
  constructor(private readonly done: string[]) {}

  @SagaStep()
  async book() {
    this.done.push('book');
  }
  @Compensate('book')
  async unbook() {
    this.done.push('unbook');
  }
}

@SagaDefinition({ name: 'late-parent' })
class LateParent {
  @SagaStep({ kind: 'child' })
  ship() {
    return child(LateChild, {});
  }
}

describe('R31: a node that was taken for dead starts a child when its parent has unwound', () => {
  it('the child is recorded as undone by then: it does nothing, and nothing of it is left', async () => {
    let shiftMs = 0;
    const done: string[] = [];
    const store = new InMemorySagaStore({ now: () => Date.now() + shiftMs });
    const setup = {
      type: LateParent,
      make: () => new LateParent(),
      also: [{ type: LateChild, make: () => new LateChild(done) }],
    };
    // Its writes: graphs, node, start of the parent, the child's choice, and the child's start.
    const zombie = await CrashingNode.boot(store, { ...setup, crashPoint: { write: 5, moment: 'before' } });
    const { id } = await zombie.sagas.start(LateParent, {});
    await zombie.life.died;
    expect(zombie.life.writes.slice(-2)).toEqual(['child-chosen ship', 'start']);

    const outside = await CrashingNode.boot(store, { ...setup, works: false });
    await outside.sagas.get(id).cancel('changed my mind');
    shiftMs += LEASE_MS + 1;
    await store.releaseGone();
    const second = await CrashingNode.boot(store, setup);
    await expect(second.sagas.get(id).result({ timeout: '20s' })).rejects.toThrow('changed my mind');

    await zombie.life.sendLastWrite();
    const children = (await second.sagas.find({ name: 'late-child' })).items;
    expect(children).toMatchObject([{ status: 'compensated' }]);
    expect((await second.sagas.get(id).view()).status).toBe('compensated');
    expect(done).toEqual([]);
    await Promise.all([zombie, outside, second].map(async (node) => node.leave()));
  });
});
