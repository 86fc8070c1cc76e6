import type { EntryOf } from './journal.js';
import { effectOf, type SeenNode, type SeenSteps } from './seen-steps.fixture.js';
import { nameOf } from './transcript.fixture.js';

interface Seen {
  readonly steps: SeenSteps;
  readonly unwinding: boolean;
  readonly law: (holds: boolean, rule: string, broken: string) => void;
}

/** What ended without success: summed over its attempts it failed only where nothing was left behind, and nobody gives up early. [R9] */
export function witnessOutcome(
  node: SeenNode,
  entry: EntryOf<'step-failed'> | EntryOf<'step-unknown'>,
  { steps, unwinding, law }: Seen,
): void {
  const name = nameOf(node.ref);
  const effect = effectOf(node);
  if (entry.kind === 'step-failed') {
    law(entry.refused || !node.forward.attempts || effect === 'none', 'R9', `${name} may have had an effect, and counts as failed`);
    law(
      !entry.refused || (entry.passed && node.step.kind === 'readonly') || effect === 'none' || node.vouched.has('none'),
      'R9',
      `${name} is refused after a possible effect`,
    );
    law(!entry.passed || (entry.refused && node.step.onRejected === 'continue'), 'R9', `${name} is passed, and was not refused`);
    node.passed = entry.passed === true;
  } else {
    law(effect === 'possible' || node.vouched.has('possible'), 'R9', `${name} had no effect, and counts as unknown`);
    const { deferredAt } = node.forward;
    const limitAt = deferredAt === null || steps.goesOnlyForward(node) ? Infinity : deferredAt + (node.step.replyTimeoutMs ?? Infinity);
    law(entry.error.code !== 'SAGA_REPLY_TIMED_OUT' || limitAt <= entry.at, 'R34', `${name} waits no longer, and has time`);
    node.quietUntil = Math.max(node.quietUntil, entry.quietUntil ?? 0);
  }
  law(unwinding || !steps.isGivenUpEarly(node, entry.at), 'R9', `${name} is given up, and its policy goes on`);
}
