import { by, refused, unrefunded } from './operator.fixture.js';
import { begin, pivot, readonly, retriable, sagaOf, step, story } from './scenario.fixture.js';

describe('an operator', () => {
  describe('skips', () => {
    it('R16, R17: a failed compensation: it is left, and named with who and why', () => {
      const saga = unrefunded().operator({ kind: 'skip', step: 'charge', by });
      expect(saga.told()).toBe(story`
        undo charge is skipped: skipped by ann: I called them
        the saga is compensated: approve rejected NO (no); left: charge (skipped by ann: I called them)
      `);
    });

    it('R16: a compensation between its attempts, while others are still under way', () => {
      const retry = { attempts: 9 };
      const saga = begin(sagaOf(step('a', { undo: { retry } }), step('b', { after: [] }), readonly('c', { after: ['a', 'b'] })))
        .returns('a')
        .returns('b')
        .refuses('c')
        .throws('undo a')
        .skip();
      saga.operator({ kind: 'skip', step: 'a', by }).returns('undo b');
      expect(saga.told()).toContain('left: a (skipped by ann: I called them)');
      expect(refused(saga, { kind: 'skip', step: 'a', by })).toContain('it has ended');
    });

    it('R10, R16, R17: a step that may have had an effect: it is named when the saga unwinds', () => {
      const retry = { attempts: 3 };
      const skipped = 'the step was skipped by ann: I called them; it may have had an effect';
      const saga = () => begin(sagaOf(step('a', { retry }), readonly('b', { retry, after: [] }), step('c', { after: ['a', 'b'] })));
      const unwound = saga().throws('a').throws('b');
      unwound.operator({ kind: 'skip', step: 'a', by }).operator({ kind: 'skip', step: 'b', by }).refuses('c');
      // What a readonly step may have done needs no undoing.
      expect(unwound.state).toMatchObject({ status: 'compensated', failure: { step: 'c', left: [{ step: 'a', why: skipped }] } });
      const sure = saga().throws('a', { effect: 'none' }).returns('b').operator({ kind: 'skip', step: 'a', by }).refuses('c');
      expect(sure.state).toMatchObject({ status: 'compensated', failure: { step: 'c' } });
      expect(sure.state.failure?.left).toBeUndefined();
    });

    it('R10, R16, R17: an item of which nobody knows, also in a saga that is taken back later', () => {
      const saga = begin(sagaOf(step('a', { each: () => ['x', 'y'] }))).operator({ kind: 'pause', by });
      saga.held(
        saga.fact('a[0]', { kind: 'returned' }),
        saga.fact('a[1]', { kind: 'threw', error: { message: 'down' }, effect: 'possible', retryable: true }),
      );
      expect(saga.node('a[1]').status).toBe('unknown');
      saga.operator({ kind: 'skip', step: 'a', item: 1, by }).operator({ kind: 'resume', by });
      expect(saga.state.status).toBe('completed');
      saga.operator({ kind: 'compensate', by }).returns('undo a[0]');
      expect(saga.state).toMatchObject({ status: 'compensated', failure: { left: [{ step: 'a', item: 1 }] } });
    });

    it('R11, R16: a pivot of which nobody knows: what comes after it goes on', () => {
      const saga = begin(sagaOf(pivot('sell', { idempotent: false }), retriable('print')))
        .throws('sell')
        .skip();
      saga.operator({ kind: 'skip', step: 'sell', by });
      expect(saga.told()).toBe(story`
        sell is skipped: skipped by ann: I called them
        print starts
      `);
      expect(saga.state.pivotBegun).toBe(true);
    });

    it('R8, R16: one item, or all that are not done', () => {
      const each = () => ['x', 'y', 'z'];
      const stuck = () =>
        begin(sagaOf(pivot('sell'), retriable('send', { each })))
          .returns('sell')
          .returns('send[1]')
          .refuses('send[0]')
          .refuses('send[2]');
      const one = stuck().skip().operator({ kind: 'skip', step: 'send', item: 0, by });
      expect(one.told()).toContain('send[0] is skipped: skipped by ann: I called them');
      expect(one.state.status).toBe('stuck');
      expect(stuck().operator({ kind: 'skip', step: 'send', by }).state.status).toBe('completed');
      expect(refused(stuck(), { kind: 'skip', step: 'send', item: 1, by })).toContain('item 1 is done');
      expect(refused(stuck(), { kind: 'skip', step: 'send', item: 3, by })).toContain('it has no item 3: its 3 items are counted from 0');
      expect(refused(stuck(), { kind: 'skip', step: 'sell', item: 0, by })).toContain('it has no items: leave item out');
    });

    it('R16: not what is under way, done, owes nothing, or is nobody’s', () => {
      const saga = begin(sagaOf(step('a'), step('b', { undo: null })));
      expect(refused(saga, { kind: 'skip', step: 'a', by })).toBe(
        'order 0197 is running, and cannot skip a: attempt 1 is under way, and may still end well: wait for its end, or pause the saga, so that no other begins. Nothing was changed.',
      );
      expect(refused(saga, { kind: 'skip', step: 'b', by })).toContain('its turn has not come, a is not done yet: see to a first');
      expect(refused(saga, { kind: 'skip', step: 'c', by })).toContain('there is no such step. Its steps are a, b');
      saga.returns('a').throws('b');
      expect(refused(saga, { kind: 'skip', step: 'b', by })).toContain(
        'cannot skip the compensation of b: it has no compensation, and owes nothing',
      );
    });

    it('R14, R16: a step that is under way while the saga unwinds', () => {
      const saga = begin(sagaOf(step('a'), step('b', { after: [] }))).refuses('a');
      expect(refused(saga, { kind: 'skip', step: 'b', by })).toContain('attempt 1 is under way');
    });

    it('R11, R30: a cancelled saga is not put past its pivot', () => {
      const saga = begin(sagaOf(step('a'), pivot('sell'))).operator({ kind: 'pause', by });
      saga.held(saga.fact('a', { kind: 'returned' })).hears({ kind: 'cancel-requested', reason: 'no' });
      expect(refused(saga, { kind: 'resolve', step: 'sell', by })).toContain('it was cancelled (no), and this is its pivot');
    });
  });

  describe('resolves', () => {
    it('R16: a failed step: what follows sees the result that the person gave', () => {
      const saga = begin(sagaOf(pivot('sell'), retriable('print'), retriable('send')))
        .returns('sell')
        .refuses('print')
        .skip();
      saga.operator({ kind: 'resolve', step: 'print', result: { number: 7 }, by });
      expect(saga.told()).toBe(story`
        ann (I called them) resolves print: {"number":7}
        send starts
      `);
      expect(saga.node('print')).toMatchObject({ status: 'succeeded', result: { number: 7 } });
    });

    it('R10, R16: a step between its attempts, and unwinding undoes it', () => {
      const saga = begin(sagaOf(step('a', { retry: { attempts: 3 } }), step('b')))
        .throws('a')
        .skip();
      saga.operator({ kind: 'resolve', step: 'a', by }).refuses('b').finish();
      expect(saga.told()).toContain('undo a succeeded');
    });

    it('R16: a compensation: nothing is left', () => {
      const saga = unrefunded().operator({ kind: 'resolve', step: 'charge', by });
      expect(saga.told()).toBe(story`
        ann (I called them) resolves undo charge
        the saga is compensated: approve rejected NO (no)
      `);
      expect(refused(unrefunded(), { kind: 'resolve', step: 'charge', result: 1, by })).toContain('a compensation leaves no result');
    });

    it('R8, R16: an item with its result, but not all items with one', () => {
      const stuck = () =>
        begin(sagaOf(pivot('sell'), retriable('send', { each: () => ['x', 'y'] })))
          .returns('sell')
          .refuses('send[0]')
          .refuses('send[1]');
      expect(refused(stuck(), { kind: 'resolve', step: 'send', result: 1, by })).toContain(
        'each of its items has a result of its own: name the item',
      );
      const saga = stuck();
      saga.operator({ kind: 'resolve', step: 'send', item: 0, result: 1, by }).operator({ kind: 'resolve', step: 'send', by });
      expect(saga.state.status).toBe('completed');
    });
  });

  describe('where the definition is not known', () => {
    it('R23: steps that were tried can be seen to; the others only where it is', () => {
      const saga = begin(sagaOf(pivot('sell'), retriable('print'), retriable('send')))
        .returns('sell')
        .refuses('print');
      expect(refused(saga, { kind: 'skip', step: 'send', by }, 'nothing')).toContain('its definition is not known here');
      expect(saga.operator({ kind: 'skip', step: 'print', by }, 'nothing').state.status).toBe('running');
    });

    it('R21, R23: a step that killed its node can be tried again', () => {
      const saga = begin(sagaOf(step('a')))
        .crash()
        .crash()
        .alone()
        .crash();
      expect(saga.operator({ kind: 'retry', by }, 'nothing').node('a').round).toBe(2);
    });
  });
});
