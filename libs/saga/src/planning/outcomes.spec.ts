import { begin, readonly, sagaOf, step, story } from './scenario.fixture.js';

const thrice = { attempts: 3 } as const;

describe('outcomes', () => {
  it('R9: a business refusal is certain: no further attempt, and nothing to undo', () => {
    const saga = begin(sagaOf(step('charge', { retry: thrice }))).refuses('charge', 'declined');
    expect(saga.told()).toBe(story`
      the saga starts
      charge starts
      charge is refused: declined
      unwinding begins: charge rejected NO (declined)
      the saga is compensated: charge rejected NO (declined)
    `);
  });

  it('R9: attempts run out: the outcome is unknown, and it is compensated', () => {
    const saga = begin(sagaOf(step('charge', { retry: thrice })));
    saga.throws('charge').wait().timesOut('charge').wait().throws('charge').finish();
    expect(saga.told()).toBe(story`
      the saga starts
      charge starts
      charge fails (effect possible): down; again at 100
      -- at 100
      charge#2 starts
      charge#2 fails (effect possible): no answer; again at 300
      -- at 300
      charge#3 starts
      charge is unknown: down
      unwinding begins: charge failed (down)
      undo charge starts
      undo charge succeeded
      the saga is compensated: charge failed (down)
    `);
  });

  it('R9: attempts run out, and each certainly had no effect: failed, and nothing to undo', () => {
    const saga = begin(sagaOf(step('charge', { retry: { attempts: 2 } })));
    saga.throws('charge', { effect: 'none' }).wait().throws('charge', { effect: 'none' });
    expect(saga.told()).toBe(story`
      the saga starts
      charge starts
      charge fails (effect none): down; again at 100
      -- at 100
      charge#2 starts
      charge failed: down
      unwinding begins: charge failed (down)
      the saga is compensated: charge failed (down)
    `);
  });

  it.each([
    ['the first', 'possible', 'none'],
    ['the last', 'none', 'possible'],
  ] as const)('R9: the effects of all attempts are summed: %s may have had one', (_, first, last) => {
    const saga = begin(sagaOf(step('charge', { retry: { attempts: 2 } })));
    saga.throws('charge', { effect: first }).wait().throws('charge', { effect: last });
    expect(saga.node('charge').status).toBe('unknown');
  });

  it('R9: a timeout in the end is told as such', () => {
    const saga = begin(sagaOf(step('charge')))
      .timesOut('charge')
      .finish();
    expect(saga.told()).toContain('charge is unknown (timed out): no answer');
    expect(saga.state.failure).toEqual({ step: 'charge', kind: 'timed-out', message: 'no answer' });
  });

  it('R9: a refusal after an attempt that may have had an effect leaves unknown', () => {
    const saga = begin(sagaOf(step('charge', { retry: thrice })))
      .timesOut('charge')
      .wait();
    saga.skip().refuses('charge', 'already charged');
    expect(saga.told()).toBe(story`
      charge is unknown: already charged
      unwinding begins: charge rejected NO (already charged)
      undo charge starts
    `);
  });

  it('R9: a refusal after attempts that certainly had none is certain', () => {
    const saga = begin(sagaOf(step('charge', { retry: thrice })))
      .throws('charge', { effect: 'none' })
      .wait();
    expect(saga.refuses('charge').node('charge')).toMatchObject({ status: 'failed', refused: true });
  });

  it("R9: a refusal by a participant's fence is certain, whatever came before", () => {
    const saga = begin(sagaOf(step('charge', { retry: thrice })))
      .timesOut('charge')
      .wait();
    expect(saga.refuses('charge', 'declined', 'none').node('charge')).toMatchObject({ status: 'failed', refused: true });
  });

  it("R9: a refusal by a participant that cannot tell leaves unknown, though it is the first attempt's", () => {
    const saga = begin(sagaOf(step('charge', { retry: thrice })));
    expect(saga.refuses('charge', 'too old', 'possible').node('charge').status).toBe('unknown');
  });

  it('R9: what retryIf rules out is not tried again', () => {
    const saga = begin(sagaOf(step('charge', { retry: thrice }))).throws('charge', { retryable: false });
    expect(saga.node('charge')).toMatchObject({ status: 'unknown', attempts: 1 });
    const other = begin(sagaOf(step('charge', { retry: thrice }))).throws('charge', { retryable: false, effect: 'none' });
    expect(other.node('charge')).toMatchObject({ status: 'failed', attempts: 1, refused: false });
  });

  it("R9: onRejected 'continue' is for refusals; another failure ends the saga", () => {
    const coupon = () => begin(sagaOf(step('coupon', { onRejected: 'continue', retry: { attempts: 2 } })));
    expect(coupon().refuses('coupon').state.status).toBe('completed');
    expect(coupon().throws('coupon', { effect: 'none', retryable: false }).state.status).toBe('compensated');
    expect(coupon().timesOut('coupon').wait().refuses('coupon').node('coupon').status).toBe('unknown');
  });

  it('R9: `within` counts from the first attempt: a pause that would end past it is not begun', () => {
    const saga = begin(sagaOf(step('charge', { retry: { attempts: 'unlimited', within: 250 } })));
    saga.throws('charge').wait().throws('charge');
    expect(saga.told()).toContain('charge is unknown: down');
    const justInTime = begin(sagaOf(step('charge', { retry: { attempts: 'unlimited', within: 300 } })));
    justInTime.throws('charge').wait().throws('charge');
    expect(justInTime.wakeAt).toBe(300);
  });

  it('R9: `within` is a time since the first attempt, not a time of the clock', () => {
    const within = (ms: number) =>
      begin(sagaOf(step('charge', { retry: { attempts: 9, within: ms } })), { startedAt: 1_000 })
        .throws('charge')
        .wait();
    expect(within(300).throws('charge').wakeAt).toBe(1_300);
    expect(within(299).throws('charge').node('charge').status).toBe('unknown');
  });

  it('R9, R19: a readonly step has no effect, so its refusal is certain, though an attempt before it was cut short', () => {
    const saga = begin(sagaOf(readonly('check', { onRejected: 'continue' }), step('charge')));
    saga.crash().refuses('check');
    expect(saga.node('check')).toMatchObject({ status: 'failed', passed: true });
    expect(saga.node('charge').status).toBe('started');
  });

  it('R34: an alert names the item', () => {
    const saga = begin(sagaOf(step('charge', { each: () => [1, 2], retry: { attempts: 'unlimited' } })));
    for (let failure = 0; failure < 3; failure += 1) saga.throws('charge[1]').wait();
    expect(saga.told()).toContain('alert for charge[1]: keeps failing');
    expect(saga.journal).toContainEqual(expect.objectContaining({ kind: 'alert-raised', step: 'charge', item: 1 }));
  });

  it('R9: RetryLater puts the next attempt off, and spends one', () => {
    const saga = begin(sagaOf(step('charge', { retry: { attempts: 2 } }))).throws('charge', { retryAfterMs: 5_000 });
    expect(saga.wakeAt).toBe(5_000);
    expect(saga.wait().throws('charge', { retryAfterMs: 5_000 }).node('charge').status).toBe('unknown');
    expect(begin(sagaOf(step('charge', { retry: { attempts: 2 } }))).throws('charge', { retryAfterMs: 5 }).wakeAt).toBe(100);
  });

  it('R9, R34: the pause grows by its factor, and is jittered', () => {
    const saga = begin(sagaOf(step('charge', { retry: { attempts: 4, jitter: 'full' } })), { random: 0.25 });
    expect(saga.throws('charge').wakeAt).toBe(25);
    expect(saga.wait().throws('charge').wakeAt).toBe(25 + 50);
    expect(saga.wait().throws('charge').wakeAt).toBe(25 + 50 + 100);
  });

  it('R9, R21: context.attempt counts every call, the policy counts failures only', () => {
    const saga = begin(sagaOf(step('charge', { retry: { attempts: 2 } })));
    saga.stops('charge').stops('charge').throws('charge').wait();
    expect(saga.node('charge')).toMatchObject({ attempts: 4, failures: 1 });
    expect(saga.throws('charge').node('charge').status).toBe('unknown');
  });

  it('R34: a step that is tried without limit raises an alert after `alertAfter` failures, once', () => {
    const saga = begin(sagaOf(step('charge', { retry: { attempts: 'unlimited' } })));
    for (let failure = 0; failure < 6; failure += 1) saga.throws('charge').wait();
    expect(saga.journal.find(({ kind }) => kind === 'alert-raised')).not.toHaveProperty('item');
    expect(saga.told().match(/alert.*/g)).toEqual(['alert for charge: keeps failing, and is tried on: down (3 attempts)']);
    expect(saga.state.deadlineAlerted).toBe(false);
  });

  it('R34: a step with a limit raises none: its end is told anyway', () => {
    const saga = begin(sagaOf(step('charge', { retry: { attempts: 5 } })));
    for (let failure = 0; failure < 4; failure += 1) saga.throws('charge').wait();
    expect(saga.told()).not.toContain('alert');
  });

  it('R17: the failure carries code, message and details of the refusal', () => {
    const saga = begin(sagaOf(step('charge')));
    saga.ends('charge', { kind: 'refused', error: { code: 'CARD_DECLINED', message: 'declined', details: { card: '4242' } } });
    expect(saga.state.failure).toEqual({
      step: 'charge',
      kind: 'rejected',
      code: 'CARD_DECLINED',
      message: 'declined',
      details: { card: '4242' },
    });
  });
});

describe('replies', () => {
  it('R24: a late success of an earlier attempt counts while the step is open', () => {
    const saga = begin(sagaOf(step('charge', { retry: thrice })))
      .timesOut('charge')
      .wait()
      .skip();
    saga.returns('charge#1', 'receipt');
    expect(saga.told()).toBe(story`
      charge succeeded: "receipt"
      the saga is completed
    `);
  });

  it('R24: a late success counts between attempts too', () => {
    const saga = begin(sagaOf(step('charge', { retry: thrice })))
      .timesOut('charge')
      .returns('charge#1');
    expect(saga.state.status).toBe('completed');
    expect(saga.wakeAt).toBeNull();
  });

  it('R24: a late refusal counts too, and is as certain as the attempts allow', () => {
    const saga = begin(sagaOf(step('charge', { retry: thrice })))
      .timesOut('charge')
      .wait();
    expect(saga.refuses('charge#1', 'declined').node('charge').status).toBe('unknown');
    const fenced = begin(sagaOf(step('charge', { retry: thrice })))
      .timesOut('charge')
      .wait();
    expect(fenced.refuses('charge#1', 'declined', 'none').node('charge').status).toBe('failed');
  });

  it('R24: a late failure says nothing new; duplicates, foreign replies and those to settled steps are recorded and change nothing', () => {
    const saga = begin(sagaOf(step('charge', { retry: thrice }), step('ship', { undo: null }), step('notify')));
    saga.timesOut('charge').wait().skip();
    saga.throws('charge#1').stops('charge#1');
    saga
      .returns('charge')
      .returns('charge')
      .refuses('charge')
      .returns('notify')
      .returns('pack')
      .returns('ship[3]')
      .returns('undo ship')
      .returns('undo charge');
    expect(saga.told()).toBe(story`
      a reply to charge is ignored: the attempt was given up before
      a reply to charge is ignored: the attempt was given up before
      charge succeeded
      ship starts
      a reply to charge#2 is ignored: the step is succeeded
      a reply to charge#2 is ignored: the step is succeeded
      a reply to notify is ignored: the step is pending
      a reply to pack is ignored: the saga has no such step or item
      a reply to ship[3] is ignored: the saga has no such step or item
      a reply to undo ship is ignored: the step has no compensation
      a reply to undo charge is ignored: the compensation is pending
    `);
  });

  it('R24: of two replies at once the first counts', () => {
    const saga = begin(sagaOf(step('charge')));
    saga.skip().learns(saga.fact('charge', { kind: 'returned', result: 1 }), saga.fact('charge', { kind: 'returned', result: 2 }));
    expect(saga.told()).toBe(story`
      charge succeeded: 1
      a reply to charge is ignored: the step is succeeded
      the saga is completed
    `);
  });

  it('R9, R24: timeout against reply, in one moment: the first one counts, and the other one changes nothing', () => {
    const timeout = { kind: 'threw', error: { message: 'no answer' }, effect: 'possible', retryable: true, timedOut: true } as const;
    const reply = { kind: 'returned', result: 'receipt' } as const;
    const charging = (attempts: number) => begin(sagaOf(step('charge', { retry: { attempts } }))).skip();

    const replyFirst = charging(1);
    expect(replyFirst.learns(replyFirst.fact('charge', reply), replyFirst.fact('charge', timeout)).told()).toBe(story`
      charge succeeded: "receipt"
      a reply to charge is ignored: the step is succeeded
      the saga is completed
    `);
    const timeoutFirst = charging(1);
    expect(timeoutFirst.learns(timeoutFirst.fact('charge', timeout), timeoutFirst.fact('charge', reply)).told()).toBe(story`
      charge is unknown (timed out): no answer
      a reply to charge is ignored: the step is unknown
      unwinding begins: charge timed-out (no answer)
      undo charge starts
    `);
    const betweenAttempts = charging(2);
    expect(betweenAttempts.learns(betweenAttempts.fact('charge', timeout), betweenAttempts.fact('charge', reply)).state.status).toBe(
      'completed',
    );
  });

  it('R24: a reply to a saga that has ended is recorded', () => {
    const saga = begin(sagaOf(step('charge')))
      .returns('charge')
      .skip()
      .returns('charge');
    expect(saga.told()).toBe('a reply to charge is ignored: the step is succeeded');
  });
});
