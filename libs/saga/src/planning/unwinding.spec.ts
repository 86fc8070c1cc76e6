import { begin, readonly, sagaOf, step, story } from './scenario.fixture.js';

const diamond = (undo = {}) =>
  sagaOf(
    step('order'),
    step('stock', { after: ['order'], undo }),
    step('price', { after: ['order'] }),
    step('ship', { after: ['stock', 'price'] }),
    step('bill', { after: ['ship'] }),
  );

/** All but the bill is done, and the bill is refused. */
const refusedAtTheEnd = (undo = {}) =>
  begin(diamond(undo)).returns('order').returns('stock').returns('price').returns('ship').skip().refuses('bill');

describe('unwinding', () => {
  it('R13: goes the graph the other way round, independent steps side by side', () => {
    const saga = refusedAtTheEnd().returns('undo ship').returns('undo stock').returns('undo price').returns('undo order');
    expect(saga.told()).toBe(story`
      bill is refused: no
      unwinding begins: bill rejected NO (no)
      undo ship starts
      undo ship succeeded
      undo price starts
      undo stock starts
      undo stock succeeded
      undo price succeeded
      undo order starts
      undo order succeeded
      the saga is compensated: bill rejected NO (no)
    `);
    expect(saga.wakeAt).toBeNull();
  });

  it('R13: a step waits for all that depends on it indirectly, too', () => {
    const saga = begin(sagaOf(step('a'), readonly('check'), step('c'), step('d')));
    saga.returns('a').returns('check').returns('c').skip().refuses('d').returns('undo c');
    expect(saga.told()).toBe(story`
      d is refused: no
      unwinding begins: d rejected NO (no)
      undo c starts
      undo c succeeded
      undo a starts
    `);
  });

  it('R10: an unknown step is compensated, a failed one is not, and neither is one without a compensation', () => {
    const saga = begin(
      sagaOf(step('a', { after: [] }), step('b', { after: [] }), readonly('c', { after: [] }), step('d', { after: [] }), step('e')),
    );
    saga.skip().returns('a').returns('c').throws('d').throws('b', { effect: 'none' }).finish();
    expect(saga.told()).toBe(story`
      a succeeded
      c succeeded
      d is unknown: down
      unwinding begins: d failed (down)
      e is skipped: the saga unwinds
      undo d starts
      undo a starts
      b failed: down
      undo a succeeded
      undo d succeeded
      the saga is compensated: d failed (down)
    `);
  });

  it("R10: onUnknown 'skip' opts out, and is named in what was left", () => {
    const saga = begin(sagaOf(step('order'), step('mail', { undo: { onUnknown: 'skip' } })));
    saga.returns('order').skip().timesOut('mail').finish();
    expect(saga.told()).toBe(story`
      mail is unknown (timed out): no answer
      unwinding begins: mail timed-out (no answer)
      undo mail is skipped: its outcome is unknown, and its compensation opted out (onUnknown: 'skip')
      undo order starts
      undo order succeeded
      the saga is compensated: mail timed-out (no answer); left: mail (its outcome is unknown, and its compensation opted out (onUnknown: 'skip'))
    `);
  });

  it("R10: onUnknown 'skip' says nothing of a step that succeeded", () => {
    const saga = begin(sagaOf(step('mail', { undo: { onUnknown: 'skip' } }), step('ship')))
      .returns('mail')
      .refuses('ship');
    expect(saga.node('mail').compensation.status).toBe('started');
  });

  it('R10: a readonly step whose outcome is unknown turns the saga round, and is not compensated itself', () => {
    const saga = begin(sagaOf(step('order'), readonly('check')))
      .returns('order')
      .timesOut('check')
      .finish();
    expect(saga.state).toMatchObject({ status: 'compensated', failure: { step: 'check' } });
    expect(saga.node('check').compensation.status).toBe('pending');
  });

  it('R15: a compensation is retried by its own policy, with an alert', () => {
    const saga = begin(sagaOf(step('reserve', { undo: { retry: { attempts: 'unlimited', delay: 50 } } }), step('charge')))
      .returns('reserve')
      .skip()
      .refuses('charge');
    saga.throws('undo reserve').wait().timesOut('undo reserve').wait().throws('undo reserve').wait().returns('undo reserve');
    expect(saga.told()).toBe(story`
      charge is refused: no
      unwinding begins: charge rejected NO (no)
      undo reserve starts
      undo reserve fails (effect possible): down; again at 50
      -- at 50
      undo reserve#2 starts
      undo reserve#2 fails (effect possible): no answer; again at 150
      -- at 150
      undo reserve#3 starts
      undo reserve#3 fails (effect possible): down; again at 350
      alert for reserve: its compensation keeps failing: down (3 attempts)
      -- at 350
      undo reserve#4 starts
      undo reserve succeeded
      the saga is compensated: charge rejected NO (no)
    `);
  });

  it('R13, R15, R17: one that fails for good holds back all that it depends on; the rest is undone, then the saga is stuck', () => {
    const saga = refusedAtTheEnd().returns('undo ship').refuses('undo stock', 'already sold');
    expect(saga.state.status).toBe('compensating');
    saga.returns('undo price');
    expect(saga.told()).toBe(story`
      bill is refused: no
      unwinding begins: bill rejected NO (no)
      undo ship starts
      undo ship succeeded
      undo price starts
      undo stock starts
      undo stock failed: already sold
      undo price succeeded
      the saga is stuck: bill rejected NO (no); left: stock (its compensation failed: already sold)
    `);
    expect(saga.wakeAt).toBeNull();
    expect(saga.start().wait(1_000_000).told()).toBe('');
  });

  it('R15: exhausted, it is failed; and so when retryIf rules it out', () => {
    const exhausted = refusedAtTheEnd({ retry: { attempts: 2 } })
      .returns('undo ship')
      .returns('undo price')
      .throws('undo stock')
      .wait()
      .throws('undo stock');
    expect(exhausted.state).toMatchObject({
      status: 'stuck',
      failure: { left: [{ step: 'stock', why: 'its compensation failed: down' }] },
    });
    const ruledOut = refusedAtTheEnd({ retry: { attempts: 2 } })
      .returns('undo ship')
      .throws('undo stock', { retryable: false });
    expect(ruledOut.node('stock').compensation.status).toBe('failed');
  });

  it('R15: one that waits for its next attempt holds back what it depends on, and the saga is not stuck', () => {
    const saga = refusedAtTheEnd({ retry: { attempts: 2 } })
      .returns('undo ship')
      .throws('undo stock')
      .returns('undo price');
    expect(saga.state.status).toBe('compensating');
    expect(saga.wakeAt).toBe(100);
    expect(saga.wait().returns('undo stock').returns('undo order').state.status).toBe('compensated');
  });

  it('R14: what is in flight is waited for; a late success is compensated', () => {
    const saga = begin(sagaOf(step('a', { after: [] }), step('b', { after: [] }), step('c', { after: ['a', 'b'] })));
    saga.skip().refuses('b').returns('a', 'late').returns('undo a');
    expect(saga.told()).toBe(story`
      b is refused: no
      unwinding begins: b rejected NO (no)
      c is skipped: the saga unwinds
      a succeeded: "late"
      undo a starts
      undo a succeeded
      the saga is compensated: b rejected NO (no)
    `);
    expect(saga.node('a').result).toBe('late');
  });

  it('R13, R14: what an attempt in flight depends on is not undone before it has ended', () => {
    const saga = begin(sagaOf(step('order'), step('a', { after: ['order'] }), step('b', { after: ['order'] })))
      .returns('order')
      .skip()
      .refuses('b');
    expect(saga.told()).not.toContain('undo');
    expect(saga.returns('a').told()).toContain('undo a starts');
  });

  it('R14: in flight, a refusal counts as such; any other end is final, with no further attempt', () => {
    const inFlight = () =>
      begin(sagaOf(step('a', { after: [], retry: { attempts: 9 } }), step('b', { after: [] })))
        .skip()
        .refuses('b')
        .skip();
    expect(inFlight().refuses('a').told()).toBe('a is refused: no\nthe saga is compensated: b rejected NO (no)');
    expect(inFlight().throws('a').told()).toBe('a is unknown: down\nundo a starts');
    expect(inFlight().throws('a', { effect: 'none' }).told()).toContain('a failed: down\nthe saga is compensated');
    expect(inFlight().stops('a').told()).toBe('a is unknown: it was stopped before it could end\nundo a starts');
    expect(inFlight().crash().told()).toBe('a is unknown: its node died, or lost the saga, while it ran\nundo a starts');
  });

  it('R14: between attempts: the outcome of those made', () => {
    const between = (effect: 'none' | 'possible') =>
      begin(sagaOf(step('a', { after: [], retry: { attempts: 9 } }), step('b', { after: [] })))
        .throws('a', { effect })
        .skip()
        .refuses('b')
        .told();
    expect(between('possible')).toBe(story`
      b is refused: no
      unwinding begins: b rejected NO (no)
      a is unknown: down
      undo a starts
    `);
    expect(between('none')).toBe(story`
      b is refused: no
      unwinding begins: b rejected NO (no)
      a failed: down
      the saga is compensated: b rejected NO (no)
    `);
  });

  it('R14: a step that waits is skipped', () => {
    const saga = begin(sagaOf(step('a', { after: [], delayMs: 50 }), step('b', { after: [] }))).refuses('b');
    expect(saga.told()).toContain('a is skipped: the saga unwinds');
    expect(saga.state.status).toBe('compensated');
  });

  it('R14: a second failure on the way back changes nothing about why the saga unwinds', () => {
    const saga = begin(sagaOf(step('a', { after: [] }), step('b', { after: [] })))
      .refuses('b', 'first')
      .refuses('a', 'second');
    expect(saga.state.failure).toMatchObject({ step: 'b', message: 'first' });
  });

  it('R24: a late reply to a compensation counts while it is open, whichever attempt it answers', () => {
    const undoing = () =>
      refusedAtTheEnd({ retry: { attempts: 3 } })
        .returns('undo ship')
        .timesOut('undo stock')
        .wait()
        .skip();
    expect(undoing().returns('undo stock#1').told()).toBe('undo stock succeeded');
    expect(undoing().refuses('undo stock#1').told()).toBe('undo stock failed: no');
    expect(undoing().throws('undo stock#1').told()).toBe('a reply to undo stock is ignored: the attempt was given up before');
    expect(undoing().returns('undo stock').returns('undo stock').told()).toContain(
      'a reply to undo stock#2 is ignored: the compensation is compensated',
    );
  });

  it('R16: a compensation that an operator skipped or resolved owes nothing', () => {
    const saga = refusedAtTheEnd();
    saga
      .hears({ kind: 'compensation-skipped', step: 'stock', why: 'written off' })
      .returns('undo ship')
      .returns('undo price')
      .returns('undo order');
    expect(saga.state).toMatchObject({ status: 'compensated', failure: { left: [{ step: 'stock', why: 'written off' }] } });
  });

  it('R13: a paused saga undoes nothing; then it goes on', () => {
    const saga = begin(sagaOf(step('a'), step('b')))
      .returns('a')
      .skip();
    saga.held(saga.fact('b', { kind: 'refused', error: { message: 'no' } }));
    expect(saga.told()).toBe('b is refused: no');
    expect(saga.start().told()).toContain('undo a starts');
  });
});
