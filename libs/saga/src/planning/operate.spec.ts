import type { OperatorRequest } from './operate.js';
import { SagaOperationError } from './saga-operation.error.js';
import { begin, pivot, readonly, retriable, sagaOf, type Scenario, step, story } from './scenario.fixture.js';

const by = { operator: 'ann', reason: 'I called them' };

const refused = (saga: Scenario, request: OperatorRequest, knowing?: 'nothing'): string => {
  try {
    saga.operator(request, knowing);
  } catch (error) {
    if (error instanceof SagaOperationError) return error.message;
    throw error;
  }
  throw new Error('it was not refused');
};

/** Two branches, a refusal when both are done, and a refund that is refused. */
const unrefunded = () =>
  begin(sagaOf(step('charge'), step('flight', { after: [] }), step('approve', { after: ['charge', 'flight'] })))
    .returns('charge')
    .returns('flight')
    .refuses('approve')
    .refuses('undo charge')
    .returns('undo flight')
    .skip();

describe('an operator', () => {
  describe('has it tried again', () => {
    it('R16, R25: a failed compensation, in a round of its own; what is undone stays undone', () => {
      const saga = unrefunded().operator({ kind: 'retry', by }).returns('undo charge');
      expect(saga.told()).toBe(story`
        ann (I called them) wants it tried again
        undo charge is open again, round 2
        undo charge#2 starts
        undo charge succeeded
        the saga is compensated: approve rejected NO (no)
      `);
    });

    it('R16: a step past the pivot, with attempts and failures counted anew', () => {
      const definition = sagaOf(pivot('sell'), retriable('print', { retry: { attempts: 2, within: 1_000 } }));
      const saga = begin(definition).returns('sell').throws('print').wait().refuses('print').skip();
      expect(saga.state.status).toBe('stuck');
      saga.operator({ kind: 'retry', by });
      expect(saga.node('print')).toMatchObject({ round: 2, attempts: 3, failures: 0, earlierAttempts: 2 });
      expect(saga.state).toMatchObject({ status: 'running', failure: null });
      saga.returns('print');
      expect(saga.state.status).toBe('completed');
    });

    it('R21: a step that killed its node again and again, with its crashes counted anew', () => {
      const saga = begin(sagaOf(step('a'), step('b')))
        .crash()
        .crash()
        .alone()
        .crash()
        .skip();
      expect(saga.state.status).toBe('stuck');
      saga.operator({ kind: 'retry', by });
      expect(saga.node('a')).toMatchObject({ round: 2, crashes: 0, open: { attempt: 4 } });
      saga.crash();
      expect(saga.state.status).toBe('running');
    });

    it('R9: what may have had an effect is remembered: refused now, it is unknown still', () => {
      const saga = begin(sagaOf(pivot('sell', { idempotent: false })))
        .throws('sell')
        .operator({ kind: 'retry', by })
        .refuses('sell');
      expect(saga.node('sell')).toMatchObject({ status: 'unknown', firstStartedAt: 0 });
    });

    it('R25: of a step that had no effect, the first sending is forgotten, so that a participant does not take it for an old one', () => {
      const saga = begin(sagaOf(pivot('sell'), retriable('print')))
        .returns('sell')
        .refuses('print')
        .wait(5_000)
        .operator({ kind: 'retry', by });
      expect(saga.node('print')).toMatchObject({ firstStartedAt: 5_000, startedAt: 0 });
    });

    it('R24: a reply to an attempt of an earlier round changes nothing', () => {
      const saga = begin(sagaOf(pivot('sell'), retriable('print')))
        .returns('sell')
        .refuses('print')
        .operator({ kind: 'retry', by })
        .skip();
      saga.refuses('print#1');
      expect(saga.told()).toBe('a reply to print is ignored: its round is over, and round 2 is open');
    });

    it('R8: a step whose condition threw is asked anew', () => {
      const asked: number[] = [];
      const definition = sagaOf(
        pivot('sell'),
        retriable('print', {
          when: () => {
            if (asked.push(1) === 1) throw new Error('a typing error');
            return true;
          },
        }),
      );
      const saga = begin(definition).returns('sell').skip();
      saga.operator({ kind: 'retry', by });
      expect(saga.told()).toBe(story`
        ann (I called them) wants it tried again
        print is open again, round 2
        print starts
      `);
    });

    it('R16: only of a stuck saga', () => {
      expect(refused(begin(sagaOf(step('a'))), { kind: 'retry', by })).toBe(
        'order 0197 is running: only a stuck saga is tried again, and this one still goes on by itself. Skip or resolve the step instead, or wait. Nothing was changed.',
      );
      expect(refused(begin(sagaOf(step('a'))).returns('a'), { kind: 'retry', by })).toContain(
        'it has ended, and there is nothing to try again',
      );
    });
  });

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

  describe('takes back', () => {
    it('R16: a completed saga: all of it is undone, and it ends anew', () => {
      const saga = begin(sagaOf(step('a'), step('b')))
        .returns('a')
        .returns('b')
        .skip();
      saga.operator({ kind: 'compensate', by });
      expect(saga.state).toMatchObject({ status: 'compensating', endedAt: null });
      saga.finish();
      expect(saga.told()).toBe(story`
        unwinding begins: cancelled SAGA_TAKEN_BACK (I called them)
        undo b starts
        undo b succeeded
        undo a starts
        undo a succeeded
        the saga is compensated: cancelled SAGA_TAKEN_BACK (I called them)
      `);
      expect(refused(saga, { kind: 'compensate', by })).toContain('all that it owed is undone already');
    });

    it('R14, R16: a running one: what is under way is waited for', () => {
      const saga = begin(sagaOf(step('a'), step('b'))).skip();
      saga.operator({ kind: 'compensate', by }).returns('a').returns('undo a');
      expect(saga.state.status).toBe('compensated');
    });

    it('R11, R16: not past its pivot, and not twice', () => {
      const sold = begin(sagaOf(pivot('sell'))).returns('sell');
      expect(refused(sold, { kind: 'compensate', by })).toBe(
        'order 0197 is completed: its pivot has begun, so it has no way back. Taking back is a saga of its own: start that. Nothing was changed.',
      );
      expect(refused(unrefunded(), { kind: 'compensate', by })).toContain('it unwinds already: approve rejected (NO): no');
    });
  });

  describe('pauses', () => {
    it('R16: once, and until it is resumed', () => {
      const saga = begin(sagaOf(step('a'))).skip();
      saga.operator({ kind: 'pause', by }).operator({ kind: 'pause', by });
      expect(saga.state.paused).toBe(true);
      saga.operator({ kind: 'resume', by }).operator({ kind: 'resume', by });
      expect(saga.told()).toBe(story`
        ann (I called them) pauses the saga
        ann (I called them) resumes the saga
      `);
    });

    it('R16: a stuck one too, but none that has ended', () => {
      expect(unrefunded().operator({ kind: 'pause', by }).state).toMatchObject({ status: 'stuck', paused: true });
      const ended = begin(sagaOf(step('a'))).returns('a');
      expect(refused(ended, { kind: 'pause', by })).toContain('it has ended, and there is nothing to pause');
      expect(refused(ended, { kind: 'resume', by })).toContain('it has ended, and there is nothing to resume');
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
