import { begin, remembering, readonly, retriable, pivot, sagaOf, step, story } from './scenario.fixture.js';

describe('going forward', () => {
  it('R7: a sequence: each step starts when the one above it has succeeded', () => {
    const saga = begin(sagaOf(step('reserve'), step('charge'), step('ship')));
    saga.returns('reserve', { stock: 3 }).returns('charge').returns('ship');
    expect(saga.told()).toBe(story`
      the saga starts
      reserve starts
      reserve succeeded: {"stock":3}
      charge starts
      charge succeeded
      ship starts
      ship succeeded
      the saga is completed
    `);
    expect(saga.state.status).toBe('completed');
    expect(saga.wakeAt).toBeNull();
  });

  it('R7: a diamond: its sides run side by side, and its foot waits for both', () => {
    const saga = begin(
      sagaOf(
        step('order'),
        step('stock', { after: ['order'] }),
        step('price', { after: ['order'] }),
        step('ship', { after: ['stock', 'price'] }),
      ),
    );
    saga.returns('order').returns('price').returns('stock');
    expect(saga.told()).toBe(story`
      the saga starts
      order starts
      order succeeded
      stock starts
      price starts
      price succeeded
      stock succeeded
      ship starts
    `);
  });

  it('R7: a step may stand in the class above those that it depends on', () => {
    const saga = begin(
      sagaOf(step('ship', { after: ['gift', 'pack'] }), step('pack', { after: ['gift'] }), step('gift', { after: [], when: () => false })),
    );
    saga.returns('pack').returns('ship');
    expect(saga.told()).toBe(story`
      the saga starts
      gift is skipped: its condition (when) is not met
      pack starts
      pack succeeded
      ship starts
      ship succeeded
      the saga is completed
    `);
    const last = begin(sagaOf(step('ship', { after: ['gift'] }), step('gift', { after: [], when: () => false })));
    expect(last.told()).toContain('ship starts');
  });

  it('R7: steps without dependencies all start at once', () => {
    const saga = begin(sagaOf(step('a', { after: [] }), step('b', { after: [] }), step('c', { after: [] })));
    expect(saga.told()).toBe(story`
      the saga starts
      a starts
      b starts
      c starts
    `);
  });

  it('R7: a skipped step, and one refused with onRejected continue, hold nothing back', () => {
    const saga = begin(sagaOf(step('coupon', { onRejected: 'continue' }), step('gift', { when: () => false }), step('ship')));
    saga.refuses('coupon', 'expired').returns('ship');
    expect(saga.told()).toBe(story`
      the saga starts
      coupon starts
      coupon is refused: expired, and the saga goes on
      gift is skipped: its condition (when) is not met
      ship starts
      ship succeeded
      the saga is completed
    `);
  });

  it('R8: when is asked once, and what it said is recorded', () => {
    const when = remembering(true);
    const saga = begin(sagaOf(step('a'), step('b', { when: when.ask, retry: { attempts: 3 } }), step('c')));
    expect(when.asked).toEqual([]);
    saga.returns('a').throws('b').wait().crash().finish();
    expect(when.asked).toHaveLength(1);
    expect(saga.state.status).toBe('completed');
  });

  it('R8: when sees the results of what its step depends on, and of nothing else', () => {
    const when = remembering(true);
    const saga = begin(
      sagaOf(
        step('a'),
        step('left', { after: ['a'] }),
        readonly('other', { after: ['a'] }),
        step('lines', { after: ['left'], each: () => [1, 2] }),
        step('none', { after: ['left'], when: () => false }),
        step('end', { after: ['lines', 'none'], when: when.ask }),
      ),
    );
    saga.returns('a', 1).returns('other', 9).returns('left').returns('lines[1]', 'second').returns('lines[0]', 'first');
    expect(when.asked).toMatchObject([{ step: 'end', saga: { input: { order: 7 } } }]);
    expect(when.asked[0]?.results).toStrictEqual({ a: 1, lines: ['first', 'second'] });
  });

  it('R8: a when that throws makes its step failed, nothing ran, and the saga unwinds', () => {
    const broken = () => {
      throw new Error('no such field');
    };
    const saga = begin(sagaOf(step('a'), step('b', { when: broken }), step('c', { after: [] })));
    saga.returns('a');
    expect(saga.told()).toBe(story`
      the saga starts
      a starts
      c starts
      a succeeded
      b failed: when or each of b threw: no such field
      unwinding begins: b failed SAGA_CONDITION_THREW (when or each of b threw: no such field)
      undo a starts
    `);
  });

  it('R8: nothing starts beside a step whose when throws', () => {
    const broken = () => {
      // oxlint-disable-next-line typescript/only-throw-error -- user code may throw anything
      throw 'text';
    };
    const saga = begin(sagaOf(step('a', { when: broken }), step('b', { after: [] })));
    expect(saga.told()).toBe(story`
      the saga starts
      a failed: when or each of a threw: text
      unwinding begins: a failed SAGA_CONDITION_THREW (when or each of a threw: text)
      b is skipped: the saga unwinds
      the saga is compensated: a failed SAGA_CONDITION_THREW (when or each of a threw: text)
    `);
  });

  it('R28: a delay is recorded, and its step starts when the time has come, not earlier', () => {
    const saga = begin(sagaOf(step('a'), step('remind', { delayMs: 500 }))).returns('a');
    expect(saga.wakeAt).toBe(500);
    saga.wait(499).wait();
    expect(saga.told()).toBe(story`
      the saga starts
      a starts
      a succeeded
      remind waits until 500
      -- at 500
      remind starts
    `);
  });

  it('R28: of several delays the first one wakes the saga', () => {
    const saga = begin(sagaOf(step('late', { delayMs: 900 }), step('soon', { after: [], delayMs: 300 })));
    expect(saga.wakeAt).toBe(300);
    expect(saga.wait().wakeAt).toBe(900);
  });

  it('R7: a paused saga records what it learns and begins nothing; then it goes on', () => {
    const saga = begin(sagaOf(step('a'), step('b')));
    saga.skip().held(saga.fact('a', { kind: 'returned' }));
    expect(saga.told()).toBe('a succeeded');
    expect(saga.start().told()).toBe('b starts');
  });

  it('R22: a node that stops holds back what was cut short; that waits for no time, but for another node', () => {
    const saga = begin(sagaOf(step('a'))).skip();
    saga.held(saga.fact('a', { kind: 'interrupted', why: 'stop' }));
    expect(saga.told()).toBe('a is cut short by a stop (effect possible)');
    expect(saga.wakeAt).toBeNull();
    expect(saga.start().told()).toBe('a#2 starts');
  });

  it('R7: a child step is a step like any other', () => {
    const saga = begin(sagaOf(step('a'), pivot('pay'), retriable('fulfil', { kind: 'child' })));
    expect(saga.finish().state.status).toBe('completed');
  });
});
