import type { StepTraits } from './definition.fixture.js';
import type { WaitDefinition } from './definition.js';
import { begin, pivot, readonly, retriable, sagaOf, type Scenario, step, story } from './scenario.fixture.js';

const PAID: WaitDefinition = { channel: 'event', name: 'Paid', timeoutMs: null, onTimeout: 'fail' };

const waits = (name: string, wait: Partial<WaitDefinition> = {}, traits: StepTraits = {}): ReturnType<typeof step> =>
  readonly(name, { wait: { ...PAID, ...wait }, ...traits });

/** Reserves, waits, and ships. */
const order = (wait: Partial<WaitDefinition> = {}, traits: StepTraits = {}) =>
  begin(sagaOf(step('reserve'), waits('payment', wait, traits), step('ship')));

/** It lies in the journal; nobody has looked at it yet. */
const comes = (saga: Scenario, payload: number, name = 'Paid', channel: 'event' | 'signal' = 'event'): Scenario =>
  saga.hears({ kind: 'message-received', channel, name, payload });

describe('a step that waits', () => {
  it('R27: calls its method with what comes, and needs no time for it', () => {
    const saga = order().returns('reserve').skip();
    expect(saga.wakeAt).toBeNull();
    expect(saga.state.status).toBe('running');
    comes(saga, 30).learns().returns('payment');
    expect(saga.told()).toBe(story`
      event Paid comes as 5: 30
      payment starts with message 5
      payment succeeded
      ship starts
    `);
  });

  it('R27: takes what came before it waited', () => {
    const saga = comes(order(), 30).learns().returns('reserve');
    expect(saga.told()).toBe(story`
      the saga starts
      reserve starts
      event Paid comes as 3: 30
      reserve succeeded
      payment waits for event Paid
      payment starts with message 3
    `);
  });

  it('R27: takes the oldest of those that came, and no other', () => {
    const saga = comes(comes(order(), 30), 50).returns('reserve');
    expect(saga.node('payment').message).toEqual({ payload: 30 });
    expect(saga.state.inbox).toMatchObject([{ payload: 50 }]);
  });

  it('R27: takes nothing of another name, nor a signal for an event', () => {
    const saga = order().returns('reserve').skip();
    comes(comes(saga, 30, 'Sent').learns(), 30, 'Paid', 'signal').learns();
    expect(saga.told()).toBe(story`
      event Sent comes as 5: 30
      signal Paid comes as 6: 30
    `);
  });

  it('R23, R27: waits for what its class says today, until the time at which it would have waited no longer', () => {
    const saga = order({ timeoutMs: 50 }).returns('reserve').skip();
    saga.crashInto(sagaOf(step('reserve'), waits('payment', { channel: 'signal', name: 'paid', timeoutMs: 90 }), step('ship')));
    expect(saga.node('payment').wait).toEqual({ channel: 'signal', name: 'paid', until: 50 });
    comes(comes(saga, 30), 40, 'paid', 'signal').learns();
    expect(saga.node('payment').message).toEqual({ payload: 40 });
  });

  it('R27: of two that wait for the same the first in graph order is settled, whichever waited first', () => {
    const saga = begin(sagaOf(step('check'), waits('deposit'), waits('rest', {}, { after: [] }))).skip();
    comes(saga.returns('check'), 10).learns().returns('deposit');
    comes(saga, 90).learns();
    expect(saga.told()).toBe(story`
      check succeeded
      deposit waits for event Paid
      event Paid comes as 6: 10
      deposit starts with message 6
      deposit succeeded
      event Paid comes as 9: 90
      rest starts with message 9
    `);
  });

  it('R27: keeps what it was called with, when its method is tried again and when its node dies', () => {
    const saga = comes(order({}, { retry: { attempts: 3 } }).returns('reserve'), 30)
      .learns()
      .skip();
    saga.throws('payment').wait().crash();
    expect(saga.told()).toBe(story`
      payment fails (effect possible): down; again at 100
      -- at 100
      payment#2 starts
      payment#2 is cut short by a crash (effect possible)
      payment#3 starts
    `);
    expect(saga.node('payment').message).toEqual({ payload: 30 });
  });

  it('R14: is skipped when the saga unwinds, and what comes then is left', () => {
    const saga = order().returns('reserve').skip().cancel();
    comes(saga, 30).learns();
    expect(saga.told()).toBe(story`
      cancel: changed my mind
      unwinding begins: cancelled (changed my mind)
      payment is skipped: the saga unwinds
      ship is skipped: the saga unwinds
      undo reserve starts
      event Paid comes as 10: 30
    `);
  });
});

describe('a wait whose time is over', () => {
  it("R28: fails its step (onTimeout: 'fail'), and the saga unwinds", () => {
    const saga = order({ timeoutMs: 50 }).returns('reserve').skip();
    expect(saga.wakeAt).toBe(50);
    expect(saga.wait().told()).toBe(story`
      -- at 50
      payment failed: no event Paid came within 50ms
      unwinding begins: payment timed-out SAGA_WAIT_TIMED_OUT (no event Paid came within 50ms)
      ship is skipped: the saga unwinds
      undo reserve starts
    `);
  });

  it("R28: skips its step (onTimeout: 'continue'), and the saga goes on", () => {
    const saga = order({ timeoutMs: 50, onTimeout: 'continue' }).returns('reserve').skip();
    expect(saga.wait().told()).toBe(story`
      -- at 50
      payment is skipped: no event Paid came within 50ms
      ship starts
    `);
  });

  it('R28: a timer that fires late does nothing to a step that was settled', () => {
    const saga = comes(order({ timeoutMs: 50 }).returns('reserve'), 30)
      .learns()
      .returns('payment')
      .skip();
    expect(saga.wakeAt).toBeNull();
    expect(saga.wait(50).told()).toBe('');
  });

  it('R27, R28: what came before anybody looked counts, though the time is over', () => {
    const saga = comes(order({ timeoutMs: 50 }).returns('reserve').skip(), 30).wait(80);
    expect(saga.told()).toBe(story`
      event Paid comes as 5: 30
      -- at 80
      payment starts with message 5
    `);
  });

  it('R28: its time counts from when it begins to wait: after the delay', () => {
    const saga = order({ timeoutMs: 50 }, { delayMs: 20 }).returns('reserve').wait().skip();
    expect(saga.wakeAt).toBe(70);
    expect(saga.node('payment').wait).toEqual({ channel: 'event', name: 'Paid', until: 70 });
  });

  it('R27, R28: what comes during the delay waits for its end', () => {
    const saga = comes(order({}, { delayMs: 20 }).returns('reserve').skip(), 30)
      .learns()
      .wait();
    expect(saga.told()).toBe(story`
      event Paid comes as 5: 30
      -- at 20
      payment waits for event Paid
      payment starts with message 5
    `);
  });

  it('R28: fires once, however often nodes die', () => {
    const saga = order({ timeoutMs: 50, onTimeout: 'continue' }).returns('reserve').skip().crash().crash();
    expect(saga.wakeAt).toBe(50);
    expect(saga.wait().crash().told()).toBe(story`
      -- at 50
      payment is skipped: no event Paid came within 50ms
      ship starts
      ship is cut short by a crash (effect possible)
      ship#2 starts
    `);
  });
});

describe('a wait while the saga is held', () => {
  it('R28: no timer fires, and no message is taken; both count afterwards, the message first', () => {
    const saga = order({ timeoutMs: 50 }).returns('reserve').skip();
    saga.hears({ kind: 'saga-paused', by: { operator: 'ann', reason: 'stock-taking' } });
    saga.later(60).held();
    comes(saga, 30).held();
    saga.hears({ kind: 'saga-resumed', by: { operator: 'ann', reason: 'done' } }).learns();
    expect(saga.told()).toBe(story`
      ann (stock-taking) pauses the saga
      -- at 60
      event Paid comes as 6: 30
      ann (done) resumes the saga
      payment starts with message 6
    `);
  });
});

describe('a pivot that waits', () => {
  const sale = (wait: Partial<WaitDefinition> = {}) =>
    begin(sagaOf(step('reserve'), pivot('sign', { wait: { ...PAID, ...wait } }), retriable('send'))).returns('reserve');

  it('R11: is not begun before its message is there: a cancel until then unwinds', () => {
    const saga = sale().skip().cancel();
    expect(saga.state).toMatchObject({ status: 'compensating', pivotBegun: false });
  });

  it('R11, R27: begins with its message', () => {
    const saga = comes(sale().skip(), 30).learns();
    expect(saga.state).toMatchObject({ status: 'running', pivotBegun: true });
  });

  it("R11, R28: is passed where nothing came (onTimeout: 'continue'): what comes after it has no way back", () => {
    const saga = sale({ timeoutMs: 50, onTimeout: 'continue' }).skip().wait();
    expect(saga.told()).toBe(story`
      -- at 50
      sign is skipped: no event Paid came within 50ms
      send starts
    `);
    expect(saga.state.pivotBegun).toBe(true);
  });

  it("R11, R28: fails where nothing came (onTimeout: 'fail'): nothing ran, and the saga unwinds", () => {
    const saga = sale({ timeoutMs: 50 }).wait();
    expect(saga.state).toMatchObject({ status: 'compensating', failure: { step: 'sign', kind: 'timed-out' } });
  });
});
