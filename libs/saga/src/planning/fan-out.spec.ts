import { begin, remembering, sagaOf, step, story } from './scenario.fixture.js';

const lines = ['apple', 'pear', 'plum'];

describe('fanning out', () => {
  it('R8: each item is a node of its own, and the results keep the order of the items', () => {
    const each = remembering(lines);
    const seen = remembering(true);
    const saga = begin(sagaOf(step('reserve', { each: each.ask }), step('ship', { when: seen.ask })));
    saga.returns('reserve[2]', 'c').returns('reserve[0]', 'a').returns('reserve[1]');
    expect(saga.told()).toBe(story`
      the saga starts
      reserve fans out: ["apple","pear","plum"]
      reserve[0] starts
      reserve[1] starts
      reserve[2] starts
      reserve[2] succeeded: "c"
      reserve[0] succeeded: "a"
      reserve[1] succeeded
      ship starts
    `);
    expect(seen.asked).toMatchObject([{ results: { reserve: ['a', undefined, 'c'] } }]);
    expect(each.asked).toHaveLength(1);
  });

  it('R8: an empty list is done at once', () => {
    const seen = remembering(true);
    const saga = begin(sagaOf(step('reserve', { each: () => [] }), step('ship', { when: seen.ask }))).returns('ship');
    expect(saga.told()).toBe(story`
      the saga starts
      reserve fans out: []
      ship starts
      ship succeeded
      the saga is completed
    `);
    expect(seen.asked).toMatchObject([{ results: { reserve: [] } }]);
  });

  it('R8: an empty list at the end completes the saga', () => {
    expect(begin(sagaOf(step('reserve', { each: () => [] }))).state.status).toBe('completed');
  });

  it('R8: a fan-out that is skipped leaves an empty list', () => {
    const seen = remembering(true);
    begin(sagaOf(step('reserve', { each: () => lines, when: () => false }), step('ship', { when: seen.ask })));
    expect(seen.asked).toMatchObject([{ results: { reserve: [] } }]);
  });

  it('R8: an each that throws makes its step failed', () => {
    const broken = () => {
      throw new Error('no lines');
    };
    expect(begin(sagaOf(step('reserve', { each: broken }))).told()).toContain('reserve failed: when or each of reserve threw: no lines');
  });

  it('R8: an each that gives no list makes its step failed: a promise would pass for an empty one', () => {
    const async = (() => Promise.resolve(lines)) as unknown as () => string[];
    expect(begin(sagaOf(step('reserve', { each: async }))).told()).toContain(
      'reserve failed: when or each of reserve threw: each must return a list',
    );
  });

  it.each([
    ['does not survive storage', [1, { price: 1n }], '[1].price is a BigInt'],
    ['is missing', Array(1), '[0] is undefined inside a list'],
    ['is too large', ['x'.repeat(2_000)], '[0] has 2002 bytes, the limit (maxPayload) is 1000'],
  ])('R5: an item that %s makes the step failed, and is named', (_, items, why) => {
    expect(begin(sagaOf(step('reserve', { each: () => items }))).told()).toContain(`reserve failed: when or each of reserve threw: ${why}`);
  });

  it('R8: no more than `concurrency` items run side by side; a failed attempt gives its slot to the next', () => {
    const saga = begin(sagaOf(step('reserve', { each: () => lines, concurrency: 2, retry: { attempts: 2 } })));
    saga.throws('reserve[0]');
    expect(saga.wakeAt).toBeNull();
    saga.wait(150).returns('reserve[2]');
    expect(saga.told()).toBe(story`
      the saga starts
      reserve fans out: ["apple","pear","plum"]
      reserve[0] starts
      reserve[1] starts
      reserve[0] fails (effect possible): down; again at 100
      reserve[2] starts
      -- at 150
      reserve[2] succeeded
      reserve[0]#2 starts
    `);
  });

  it('R8: all items wait for the delay of their step, and then for their turn', () => {
    const saga = begin(sagaOf(step('reserve', { each: () => lines, concurrency: 1, delayMs: 200 })));
    expect(saga.wakeAt).toBe(200);
    saga.wait();
    expect(saga.wakeAt).toBeNull();
    expect(saga.told()).toBe(story`
      the saga starts
      reserve fans out: ["apple","pear","plum"]
      reserve[0] waits until 200
      reserve[1] waits until 200
      reserve[2] waits until 200
      -- at 200
      reserve[0] starts
    `);
  });

  it('R10, R14: one item is refused: those in flight are waited for, the rest is skipped, what succeeded is undone', () => {
    const saga = begin(sagaOf(step('reserve', { each: () => lines.concat('fig'), concurrency: 3 })));
    saga.skip().returns('reserve[0]').refuses('reserve[1]', 'none left').timesOut('reserve[2]').finish();
    expect(saga.told()).toBe(story`
      reserve[0] succeeded
      reserve[3] starts
      reserve[1] is refused: none left
      unwinding begins: reserve rejected NO (item 1: none left)
      undo reserve[0] starts
      reserve[2] is unknown (timed out): no answer
      undo reserve[2] starts
      undo reserve[0] succeeded
      undo reserve[2] succeeded
      reserve[3] succeeded
      undo reserve[3] starts
      undo reserve[3] succeeded
      the saga is compensated: reserve rejected NO (item 1: none left)
    `);
  });

  it('R14: items that wait for their turn are skipped', () => {
    const saga = begin(sagaOf(step('reserve', { each: () => lines, concurrency: 1 })));
    saga.skip().cancel();
    expect(saga.told()).toBe(story`
      cancel: changed my mind
      unwinding begins: cancelled (changed my mind)
      reserve[1] is skipped: the saga unwinds
      reserve[2] is skipped: the saga unwinds
    `);
  });

  it('R9: an item refused with onRejected continue leaves a hole, and the saga goes on', () => {
    const seen = remembering(true);
    const saga = begin(sagaOf(step('coupon', { each: () => lines, onRejected: 'continue' }), step('ship', { when: seen.ask })));
    saga.returns('coupon[0]', 1).refuses('coupon[1]').returns('coupon[2]', 3);
    expect(seen.asked).toMatchObject([{ results: { coupon: [1, undefined, 3] } }]);
  });

  it('R13: on the way back, too, no more than `concurrency` items run side by side, and a retry waits for a slot', () => {
    const saga = begin(sagaOf(step('reserve', { each: () => lines, concurrency: 1, undo: { retry: { attempts: 2 } } }), step('charge')));
    saga.returns('reserve[0]').returns('reserve[1]').returns('reserve[2]').skip().refuses('charge');
    expect(saga.wakeAt).toBeNull();
    saga.throws('undo reserve[0]').wait(100).returns('undo reserve[1]').returns('undo reserve[0]').returns('undo reserve[2]');
    expect(saga.told()).toBe(story`
      charge is refused: no
      unwinding begins: charge rejected NO (no)
      undo reserve[0] starts
      undo reserve[0] fails (effect possible): down; again at 100
      undo reserve[1] starts
      -- at 100
      undo reserve[1] succeeded
      undo reserve[0]#2 starts
      undo reserve[0] succeeded
      undo reserve[2] starts
      undo reserve[2] succeeded
      the saga is compensated: charge rejected NO (no)
    `);
  });

  it('R13: an item that still runs forward holds its slot on the way back', () => {
    const saga = begin(sagaOf(step('reserve', { each: () => lines, concurrency: 2 })));
    saga.returns('reserve[0]').returns('reserve[1]').skip().throws('reserve[2]', { effect: 'none' });
    expect(saga.told()).toBe(story`
      reserve[2] failed: down
      unwinding begins: reserve failed (item 2: down)
      undo reserve[0] starts
      undo reserve[1] starts
    `);
    const other = begin(sagaOf(step('reserve', { each: () => [...lines, 'fig'], concurrency: 2 })));
    other.returns('reserve[0]').returns('reserve[1]').skip().refuses('reserve[2]').returns('undo reserve[0]').returns('reserve[3]');
    expect(other.told()).toBe(story`
      reserve[2] is refused: no
      unwinding begins: reserve rejected NO (item 2: no)
      undo reserve[0] starts
      undo reserve[0] succeeded
      undo reserve[1] starts
      reserve[3] succeeded
      undo reserve[3] starts
    `);
  });

  it('R17: what an item left undone is named with its index', () => {
    const saga = begin(sagaOf(step('reserve', { each: () => lines }), step('charge')));
    saga.returns('reserve[0]').returns('reserve[1]').returns('reserve[2]').refuses('charge').refuses('undo reserve[1]', 'gone').finish();
    expect(saga.state.failure?.left).toEqual([{ step: 'reserve', item: 1, why: 'its compensation failed: gone' }]);
  });
});
