import { by, refused, unrefunded } from './operator.fixture.js';
import { begin, pivot, retriable, sagaOf, step, story } from './scenario.fixture.js';

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
});
