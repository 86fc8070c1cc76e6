import fc from 'fast-check';

import {
  effectOf,
  failedAt,
  type Fence,
  judge,
  NEW_FENCE,
  onTheWire,
  replied,
  sideOf,
  started,
  type StoredReply,
  withSide,
} from '../../libs/saga/src/participant/fence.js';
import { type Command, type Handler, HandMadeFence, type Reply } from './hand-made-fence.js';

const DAY_MS = 86_400_000;
const NOW = 1_000 * DAY_MS;

/** Commands of one step, in any order, with what their handlers do. */
const commands = fc.array(
  fc.record({
    direction: fc.constantFrom('forward', 'compensation'),
    round: fc.integer({ min: 1, max: 3 }),
    /** Some are copies. */
    attempt: fc.integer({ min: 1, max: 4 }),
    ageDays: fc.constantFrom(0, 0, 0, 1, 40),
    actionAgeDays: fc.constantFrom(0, 0, 0, 1, 40),
    external: fc.boolean(),
    end: fc.constantFrom('succeeded', 'refused', 'deferred', 'failed'),
    /** Of what was deferred, after the command. */
    later: fc.constantFrom('nothing', 'succeeded', 'refused'),
  }),
  { minLength: 1, maxLength: 8 },
);

describe('the fence that the page of the protocol describes', () => {
  it('R25: answers whatever comes in whatever order as ours does, and calls the handler as often', () => {
    fc.assert(
      fc.property(commands, (drawn) => {
        const handMade = new HandMadeFence();
        const ours = new OurFence();
        for (const { direction, round, attempt, ageDays, actionAgeDays, external, end, later } of drawn) {
          const command: Command = {
            sagaId: 's-1',
            step: 'reserve',
            direction,
            round,
            attempt,
            firstSentAt: NOW - ageDays * DAY_MS,
            ...(direction === 'compensation' && { forwardFirstSentAt: NOW - actionAgeDays * DAY_MS }),
            command: 'stock.reserve',
            payload: {},
          };
          const [theirCalls, ourCalls] = [counting(external, end), counting(external, end)];
          expect(told(handMade.handle(command, theirCalls, NOW))).toEqual(told(ours.handle(command, ourCalls)));
          expect(theirCalls.calls).toBe(ourCalls.calls);
          if (later === 'nothing') continue;
          handMade.answerLater(
            command,
            later === 'succeeded' ? { end: later, result: 'later' } : { end: later, error: { message: 'later' } },
          );
          ours.answerLater(command, later);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

function counting(external: boolean, end: 'succeeded' | 'refused' | 'deferred' | 'failed'): Handler & { calls: number } {
  return {
    external,
    calls: 0,
    run() {
      this.calls += 1;
      if (end === 'deferred') return { end };
      return end === 'succeeded' ? { end, result: 'done' } : { end, error: { message: end } };
    },
  };
}

/** What decides. */
const told = (reply: Reply) => ({ ...reply, ...('error' in reply && { error: reply.error.code ?? reply.error.message }) });

/** The library's own rules, without the database that they are kept in. */
class OurFence {
  private fence: Fence = NEW_FENCE;

  handle(command: Command, handler: Handler): Reply {
    const known = this.settle(command);
    if (known !== undefined) return known;
    if (handler.external) this.store(command, started(sideOf(this.fence, command), command.round));
    const side = sideOf(this.fence, command);
    const deed = handler.run(command);
    if (deed.end === 'failed') {
      this.store(command, failedAt(side, command.attempt));
      return { kind: 'failed', error: deed.error, effect: effectOf(side) };
    }
    this.store(command, replied(side, { round: command.round, recorded: handler.external }, replyOf(deed)));
    return onTheWire(sideOf(this.fence, command).reply!);
  }

  /** As DeferredReplies does. */
  answerLater(command: Command, end: 'succeeded' | 'refused'): void {
    const side = sideOf(this.fence, command);
    const isUndone = command.direction === 'forward' && this.fence.compensation.state !== 'untouched';
    if (side.state !== 'deferred' || isUndone) return;
    const reply = end === 'succeeded' ? replyOf({ end, result: 'later' }) : replyOf({ end, error: { message: 'later' } });
    this.store(command, replied(side, { round: side.round, recorded: false }, reply));
  }

  private settle(command: Command): Reply | undefined {
    const verdict = judge(this.fence, command, { now: NOW, retentionMs: 30 * DAY_MS });
    if (verdict.kind === 'call') return undefined;
    if (verdict.kind === 'settle')
      this.store(command, replied(sideOf(this.fence, command), { round: command.round, recorded: false }, verdict.reply));
    return verdict.reply;
  }

  private store(command: Command, side: Fence['action']): void {
    this.fence = withSide(this.fence, command, side);
  }
}

function replyOf(deed: Exclude<ReturnType<Handler['run']>, { readonly end: 'failed' }>): StoredReply {
  if (deed.end === 'succeeded') return { kind: 'succeeded', result: deed.result as string };
  return deed.end === 'deferred' ? { kind: 'deferred', token: 't-1' } : { kind: 'refused', error: deed.error, effect: 'none' };
}
