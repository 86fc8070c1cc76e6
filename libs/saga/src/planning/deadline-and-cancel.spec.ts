import { begin, pivot, sagaOf, Scenario, step, story } from './scenario.fixture.js';

describe('cancel', () => {
  it('R30: a saga that has not begun is compensated at once', () => {
    const saga = new Scenario(sagaOf(step('a'), step('b'))).cancel();
    expect(saga.told()).toBe(story`
      the saga starts
      cancel: changed my mind
      unwinding begins: cancelled (changed my mind)
      a is skipped: the saga unwinds
      b is skipped: the saga unwinds
      the saga is compensated: cancelled (changed my mind)
    `);
  });

  it('R30: before the pivot it unwinds, and the first reason stays', () => {
    const saga = begin(sagaOf(step('a'), step('b'), pivot('c')))
      .returns('a')
      .skip();
    saga.cancel('too expensive').cancel('too late').returns('b').finish();
    expect(saga.told()).toBe(story`
      cancel: too expensive
      unwinding begins: cancelled (too expensive)
      c is skipped: the saga unwinds
      cancel: too late
      b succeeded
      undo b starts
      undo b succeeded
      undo a starts
      undo a succeeded
      the saga is compensated: cancelled (too expensive)
    `);
    expect(saga.state.cancelReason).toBe('too expensive');
  });

  it('R30: a cancel that is in the journal before the last step has ended wins', () => {
    const saga = begin(sagaOf(step('a'))).skip();
    saga.hears({ kind: 'cancel-requested', reason: 'stop' }).returns('a');
    expect(saga.told()).toBe(story`
      cancel: stop
      a succeeded
      unwinding begins: cancelled (stop)
      undo a starts
    `);
  });

  it('R17: a failure that came with it is the reason, not the cancel', () => {
    const saga = begin(sagaOf(step('a')));
    saga.hears({ kind: 'cancel-requested', reason: 'stop' }).refuses('a', 'declined');
    expect(saga.state.failure).toMatchObject({ kind: 'rejected', message: 'declined' });
  });
});

describe('the deadline', () => {
  it('R29: before the pivot it unwinds; compensations are not bound by it', () => {
    const saga = begin(sagaOf(step('a'), step('b', { retry: { attempts: 9, delay: 700 } }), pivot('c')), { deadlineAt: 1_000 });
    saga.returns('a').throws('b').wait().throws('b');
    expect(saga.wakeAt).toBe(1_000);
    saga.skip().wait();
    expect(saga.wakeAt).toBeNull();
    expect(saga.told()).toBe(story`
      -- at 1000
      unwinding begins: timed-out SAGA_DEADLINE (its deadline passed, 1000ms after its start)
      b is unknown: down
      c is skipped: the saga unwinds
      undo b starts
    `);
    expect(saga.wait(9_000).returns('undo b').returns('undo a').state.status).toBe('compensated');
  });

  it('R29: it is told in time since the start', () => {
    const options = { startedAt: 700, deadlineAt: 1_000 };
    expect(begin(sagaOf(step('a')), options).wait().state.failure?.message).toBe('its deadline passed, 300ms after its start');
    expect(
      begin(sagaOf(pivot('a')), options)
        .wait()
        .told(),
    ).toContain('alert: its deadline passed, 300ms after its start');
  });

  it('R29: what is in flight when it passes is waited for', () => {
    const saga = begin(sagaOf(step('a'), step('b')), { deadlineAt: 1_000 }).wait();
    expect(saga.state.status).toBe('compensating');
    expect(saga.wakeAt).toBeNull();
    expect(saga.returns('a').told()).toContain('a succeeded\nundo a starts');
  });

  it('R29: a saga that has not begun when it passes is compensated at once', () => {
    const saga = new Scenario(sagaOf(step('a')), { deadlineAt: 0 }).start();
    expect(saga.state).toMatchObject({ status: 'compensated', failure: { kind: 'timed-out', code: 'SAGA_DEADLINE' } });
  });

  it('R29: it runs on while the saga is paused, and is acted on when that goes on', () => {
    const saga = begin(sagaOf(step('a')), { deadlineAt: 1_000 }).held();
    expect(saga.wakeAt).toBe(1_000);
    expect(saga.wait(2_000).state.status).toBe('compensating');
  });

  it('R29: a saga that ended in time is done with it', () => {
    const saga = begin(sagaOf(step('a')), { deadlineAt: 1_000 }).returns('a');
    expect(saga.wakeAt).toBeNull();
    expect(saga.wait(2_000).state.status).toBe('completed');
  });

  it('R17: a saga that cannot go on without any failure names itself at fault', () => {
    const saga = begin(sagaOf(step('a'), step('b', { after: ['nowhere'] }))).returns('a');
    expect(saga.told()).toContain('the saga is stuck: failed (no step can start, and none has failed: this is a fault of the library)');
  });
});
