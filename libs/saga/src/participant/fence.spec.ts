import { failedAt, type Fence, judge, NEW_FENCE, replied, started, UNTOUCHED, type FenceSide } from './fence.js';
import { succeeded } from './replies.js';

const CLOCK = { now: 1_000_000, retentionMs: 10_000 };
const action = { direction: 'forward', round: 1, attempt: 1, firstSentAt: CLOCK.now } as const;
const compensation = { direction: 'compensation', round: 1, attempt: 1, firstSentAt: CLOCK.now } as const;
const REFUSAL = { kind: 'refused', error: { code: 'OUT_OF_STOCK', message: 'none left' }, effect: 'none' } as const;

const done: FenceSide = replied(UNTOUCHED, { round: 1, recorded: false }, succeeded({ id: 7 }));
const refused: FenceSide = replied(UNTOUCHED, { round: 1, recorded: false }, REFUSAL);
const open: FenceSide = started(UNTOUCHED, 1);

const fence = (sides: Partial<Fence>): Fence => ({ ...NEW_FENCE, ...sides });

describe('what a fence says to an action', () => {
  it('R25: the first one is called', () => {
    expect(judge(NEW_FENCE, action, CLOCK)).toEqual({ kind: 'call' });
  });

  it('R25: a repeated one gets the stored reply, in any round', () => {
    const answer = { kind: 'answer', reply: { kind: 'succeeded', result: { id: 7 } } };
    expect(judge(fence({ action: done }), action, CLOCK)).toEqual(answer);
    expect(judge(fence({ action: done }), { ...action, round: 2 }, CLOCK)).toEqual(answer);
  });

  it('R25: a refusal answers its own round; the next one is called again', () => {
    expect(judge(fence({ action: refused }), action, CLOCK)).toEqual({ kind: 'answer', reply: REFUSAL });
    expect(judge(fence({ action: refused }), { ...action, round: 2 }, CLOCK)).toEqual({ kind: 'call' });
  });

  it('R25: one whose answer comes later is not called again, in any round, and its token stays here', () => {
    const deferred = replied(UNTOUCHED, { round: 1, recorded: false }, { kind: 'deferred', token: 'secret' });
    for (const round of [1, 2])
      expect(judge(fence({ action: deferred }), { ...action, round }, CLOCK)).toEqual({ kind: 'answer', reply: { kind: 'deferred' } });
    expect(judge(fence({ action: deferred }), compensation, CLOCK)).toEqual({ kind: 'call' });
  });

  it('R24: one of a round that is over is refused, not called', () => {
    const later = replied(UNTOUCHED, { round: 2, recorded: false }, REFUSAL);
    expect(judge(fence({ action: later }), action, CLOCK)).toMatchObject({
      kind: 'answer',
      reply: { error: { code: 'SAGA_ROUND_OVER' }, effect: 'none' },
    });
    expect(judge(fence({ action: started(UNTOUCHED, 2) }), action, CLOCK)).toMatchObject({
      reply: { error: { code: 'SAGA_ROUND_OVER' }, effect: 'possible' },
    });
  });

  it('R26: a copy of an attempt that failed is not called, in any round; a later attempt is', () => {
    const over = { kind: 'answer', reply: { kind: 'failed', error: { code: 'SAGA_ATTEMPT_OVER' }, effect: 'none' } };
    const failed = fence({ action: failedAt(UNTOUCHED, 2) });
    for (const copy of [{ attempt: 1 }, { attempt: 2 }, { attempt: 2, round: 2 }])
      expect(judge(failed, { ...action, ...copy }, CLOCK)).toMatchObject(over);
    expect(judge(failed, { ...action, attempt: 3 }, CLOCK)).toEqual({ kind: 'call' });
    expect(judge(fence({ action: failedAt(open, 1) }), action, CLOCK)).toMatchObject({ reply: { effect: 'possible' } });
  });

  it('R25, R26: what succeeded after it is the answer to its copies, and what failed is remembered over further calls', () => {
    const after = replied(started(failedAt(UNTOUCHED, 1), 1), { round: 1, recorded: true }, succeeded({ id: 7 }));
    expect(after.failed).toBe(1);
    expect(judge(fence({ action: after }), action, CLOCK)).toMatchObject({ reply: { kind: 'succeeded' } });
  });

  it('R25: one that started outside and never replied is called again', () => {
    expect(judge(fence({ action: open }), action, CLOCK)).toEqual({ kind: 'call' });
  });

  it.each(['started', 'succeeded', 'refused'] as const)('R25: one that comes after its compensation %s is refused', (state) => {
    const overtaken = fence({ compensation: { ...UNTOUCHED, state, round: 1 } });
    const reply = { kind: 'refused', error: { code: 'SAGA_COMPENSATED_BEFORE' }, effect: 'none' };
    expect(judge(overtaken, action, CLOCK)).toMatchObject({ kind: 'answer', reply });
    expect(judge(overtaken, { ...action, round: 9 }, CLOCK)).toMatchObject({ kind: 'answer', reply });
    expect(judge({ ...overtaken, action: open }, action, CLOCK)).toMatchObject({ reply: { effect: 'possible' } });
  });

  it('R25: one older than the retention is refused, and leaves the step unknown', () => {
    const old = { ...action, firstSentAt: CLOCK.now - CLOCK.retentionMs - 1 };
    expect(judge(NEW_FENCE, old, CLOCK)).toMatchObject({
      kind: 'answer',
      reply: { kind: 'refused', error: { code: 'SAGA_COMMAND_EXPIRED' }, effect: 'possible' },
    });
    expect(judge(NEW_FENCE, { ...old, firstSentAt: old.firstSentAt + 1 }, CLOCK)).toEqual({ kind: 'call' });
  });
});

describe('what a fence says to a compensation', () => {
  it.each<[string, Fence]>([
    ['never came', NEW_FENCE],
    ['was refused', fence({ action: refused })],
  ])('R25: nothing is to be done where the action %s', (_, known) => {
    expect(judge(known, compensation, CLOCK)).toEqual({ kind: 'settle', reply: { kind: 'succeeded' } });
  });

  it.each<[string, FenceSide]>([
    ['succeeded', done],
    ['started outside and never replied', open],
    ['was refused after a call that never replied', replied(started(open, 1), { round: 1, recorded: true }, REFUSAL)],
  ])('R25: it is called where the action %s', (_, side) => {
    expect(judge(fence({ action: side }), compensation, CLOCK)).toEqual({ kind: 'call' });
  });

  it('R25: a repeated one gets the stored reply; a refusal answers its own round', () => {
    expect(judge(fence({ action: done, compensation: done }), compensation, CLOCK)).toMatchObject({
      kind: 'answer',
      reply: { kind: 'succeeded' },
    });
    expect(judge(fence({ action: done, compensation: refused }), compensation, CLOCK)).toEqual({ kind: 'answer', reply: REFUSAL });
    expect(judge(fence({ action: done, compensation: refused }), { ...compensation, round: 2 }, CLOCK)).toEqual({ kind: 'call' });
  });

  it('R25: where the action may have been forgotten, finding none does not mean that there was none', () => {
    const late = { ...compensation, forwardFirstSentAt: CLOCK.now - CLOCK.retentionMs - 1 };
    expect(judge(NEW_FENCE, late, CLOCK)).toMatchObject({
      kind: 'answer',
      reply: { error: { code: 'SAGA_COMMAND_EXPIRED' }, effect: 'possible' },
    });
    expect(judge(fence({ action: done }), late, CLOCK)).toEqual({ kind: 'call' });
  });
});

describe('what a fence remembers of calls outside', () => {
  it('R9: a refusal is certain where its own call is the only one', () => {
    expect(replied(open, { round: 1, recorded: true }, REFUSAL)).toMatchObject({
      state: 'refused',
      round: 1,
      unanswered: 0,
      reply: REFUSAL,
    });
  });

  it('R9: a refusal leaves an effect possible where an earlier call never replied', () => {
    const second = started(open, 1);
    expect(replied(second, { round: 1, recorded: true }, REFUSAL)).toMatchObject({
      state: 'refused',
      unanswered: 1,
      reply: { effect: 'possible' },
    });
  });

  it('R9: what one round left open stays open in the next', () => {
    const first = replied(started(open, 1), { round: 1, recorded: true }, REFUSAL);
    expect(replied(started(first, 2), { round: 2, recorded: true }, REFUSAL).reply).toMatchObject({ effect: 'possible' });
  });
});
