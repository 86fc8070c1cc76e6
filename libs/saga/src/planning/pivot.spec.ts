import { begin, pivot, retriable, sagaOf, step, story } from './scenario.fixture.js';

const order = (traits = {}) =>
  sagaOf(step('reserve'), pivot('capture', { retry: { attempts: 2 }, ...traits }), retriable('approve'), retriable('notify'));

describe('the pivot', () => {
  it('R11: once its attempt has begun a cancel changes nothing', () => {
    const saga = begin(order()).returns('reserve').skip().cancel();
    expect(saga.told()).toBe('cancel: changed my mind');
    expect(saga.finish().state.status).toBe('completed');
  });

  it('R11, R29: once its attempt has begun a deadline raises an alert, once, and changes nothing', () => {
    const saga = begin(order(), { deadlineAt: 1_000 }).returns('reserve').skip();
    expect(saga.wakeAt).toBe(1_000);
    saga.wait();
    expect(saga.wakeAt).toBeNull();
    saga.wait(2_000);
    expect(saga.told()).toBe(story`
      -- at 1000
      alert: its deadline passed, 1000ms after its start; its pivot has begun, so it goes on
    `);
    expect(saga.finish().state.status).toBe('completed');
  });

  it('R11: refused, it unwinds', () => {
    const saga = begin(order()).returns('reserve').skip().refuses('capture', 'no funds').finish();
    expect(saga.told()).toBe(story`
      capture is refused: no funds
      unwinding begins: capture rejected NO (no funds)
      approve is skipped: the saga unwinds
      notify is skipped: the saga unwinds
      undo reserve starts
      undo reserve succeeded
      the saga is compensated: capture rejected NO (no funds)
    `);
  });

  it('R11: its attempts run out without any effect: it unwinds', () => {
    const saga = begin(order()).returns('reserve').throws('capture', { effect: 'none' }).wait().throws('capture', { effect: 'none' });
    expect(saga.state.status).toBe('compensating');
  });

  it('R11: it may have had an effect: it is tried on without limit, with an alert, until it is known', () => {
    const saga = begin(order({ retry: { attempts: 2, within: 100, maxDelay: 300 } }))
      .returns('reserve')
      .skip();
    saga.timesOut('capture').wait().timesOut('capture').wait().throws('capture', { effect: 'none' }).wait().returns('capture');
    expect(saga.told()).toBe(story`
      capture fails (effect possible): no answer; again at 100
      -- at 100
      capture#2 starts
      capture#2 fails (effect possible): no answer; again at 300
      -- at 300
      capture#3 starts
      capture#3 fails (effect none): down; again at 600
      alert for capture: keeps failing, and is tried on: down (3 attempts)
      -- at 600
      capture#4 starts
      capture succeeded
      approve starts
    `);
  });

  it('R11: it raises the alert also where its limit fell away only after that many failures', () => {
    const saga = begin(order({ retry: { attempts: 9 } }))
      .returns('reserve')
      .skip();
    for (let failure = 0; failure < 4; failure += 1) saga.throws('capture', { effect: 'none' }).wait();
    expect(saga.told()).toContain('alert for capture');
  });

  it("R11: a fence's certain refusal, after all, unwinds", () => {
    const saga = begin(order()).returns('reserve').timesOut('capture').wait().refuses('capture', 'no funds', 'none');
    expect(saga.state.status).toBe('compensating');
  });

  it.each([
    [
      'refused after a possible effect, and nobody knows',
      (saga: ReturnType<typeof begin>) => saga.timesOut('capture').wait().refuses('capture', 'done already'),
    ],
    ['ruled out by retryIf after a possible effect', (saga: ReturnType<typeof begin>) => saga.throws('capture', { retryable: false })],
  ])('R11: %s: the saga is stuck, and nothing is undone', (_, happens) => {
    const saga = happens(begin(order()).returns('reserve'));
    expect(saga.state).toMatchObject({ status: 'stuck', unwinding: false, failure: { step: 'capture' } });
    expect(saga.wakeAt).toBeNull();
  });

  it('R11: not idempotent and left unknown by a crash, it makes the saga stuck', () => {
    const saga = begin(order({ idempotent: false }))
      .returns('reserve')
      .skip()
      .crash();
    expect(saga.told()).toBe(story`
      capture is unknown: its node died, or lost the saga, while it ran
      the saga is stuck: capture failed (its node died, or lost the saga, while it ran)
    `);
  });

  it('R11: not idempotent, it keeps the limit of its policy, and is stuck when that is reached', () => {
    const saga = begin(order({ idempotent: false }))
      .returns('reserve')
      .timesOut('capture')
      .wait()
      .timesOut('capture');
    expect(saga.state).toMatchObject({ status: 'stuck', failure: { step: 'capture', kind: 'timed-out' } });
  });

  it('R11: steps after it are tried without limit, with an alert', () => {
    const saga = begin(order()).returns('reserve').returns('capture');
    for (let failure = 0; failure < 20; failure += 1) saga.throws('approve', { effect: 'none' }).wait();
    expect(saga.told().match(/alert.*/g)).toHaveLength(1);
    expect(saga.returns('approve').returns('notify').state.status).toBe('completed');
  });

  it('R11: a refusal after it makes the saga stuck when the other branches have gone as far as they can', () => {
    const saga = begin(
      sagaOf(
        step('reserve'),
        pivot('capture'),
        retriable('approve', { after: ['capture'] }),
        retriable('invoice', { after: ['capture'] }),
        retriable('mail', { after: ['invoice'] }),
        retriable('close', { after: ['approve', 'mail'] }),
      ),
    );
    saga.returns('reserve').returns('capture').skip().refuses('approve', 'unknown order');
    expect(saga.state.status).toBe('running');
    saga.returns('invoice').throws('mail').wait().returns('mail');
    expect(saga.told()).toBe(story`
      approve is refused: unknown order
      invoice succeeded
      mail starts
      mail fails (effect possible): down; again at 100
      -- at 100
      mail#2 starts
      mail succeeded
      the saga is stuck: approve rejected NO (unknown order)
    `);
  });

  it("R11: a refusal after it with onRejected 'continue' ends the step, not the saga", () => {
    const saga = begin(sagaOf(step('reserve'), pivot('capture'), retriable('gift', { onRejected: 'continue' }), retriable('notify')));
    saga.returns('reserve').returns('capture').refuses('gift').returns('notify');
    expect(saga.state.status).toBe('completed');
  });

  it('R11: retryIf: false after it makes the saga stuck', () => {
    const saga = begin(order()).returns('reserve').returns('capture').throws('approve', { retryable: false, effect: 'none' });
    expect(saga.state).toMatchObject({ status: 'stuck', failure: { step: 'approve' } });
  });

  it('R11: a when that throws after it makes the saga stuck', () => {
    const broken = () => {
      throw new Error('oops');
    };
    const saga = begin(sagaOf(step('reserve'), pivot('capture'), retriable('notify', { when: broken })))
      .returns('reserve')
      .returns('capture');
    expect(saga.state).toMatchObject({ status: 'stuck', failure: { step: 'notify', code: 'SAGA_CONDITION_THREW' } });
  });

  it('R11: a cancel of a saga that is stuck after it changes nothing, and a deadline there is said aloud once', () => {
    const saga = begin(order(), { deadlineAt: 500 }).returns('reserve').returns('capture').refuses('approve').skip().cancel();
    expect(saga.wakeAt).toBe(500);
    saga.wait();
    expect(saga.wakeAt).toBeNull();
    expect(saga.told()).toBe(story`
      cancel: changed my mind
      -- at 500
      alert: its deadline passed, 500ms after its start; its pivot has begun, so it goes on
    `);
  });

  it('R11: skipped by its condition, it is passed all the same: there is no way back', () => {
    const saga = begin(order({ when: () => false }))
      .returns('reserve')
      .cancel();
    expect(saga.state).toMatchObject({ status: 'running', pivotBegun: true });
    expect(saga.finish().state.status).toBe('completed');
  });

  it('R11: while it still waits for its delay, and when its condition throws, there is a way back', () => {
    expect(
      begin(order({ delayMs: 50 }))
        .returns('reserve')
        .cancel().state.status,
    ).toBe('compensating');
    const broken = () => {
      throw new Error('oops');
    };
    expect(
      begin(order({ when: broken }))
        .returns('reserve')
        .finish().state.status,
    ).toBe('compensated');
  });

  it('R11: a late refusal of the pivot after the saga is stuck is kept for the operator', () => {
    const saga = begin(order({ idempotent: false }))
      .returns('reserve')
      .crash()
      .skip()
      .refuses('capture', 'no funds', 'none');
    expect(saga.told()).toBe('a reply to capture is ignored: the saga is stuck');
  });
});
