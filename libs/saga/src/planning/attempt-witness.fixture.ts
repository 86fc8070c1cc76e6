import type { EntryOf } from './journal.js';
import { effectOf, type SeenNode, type SeenSteps } from './seen-steps.fixture.js';
import { nameOf } from './transcript.fixture.js';

interface Seen {
  readonly steps: SeenSteps;
  readonly unwinding: boolean;
  readonly law: (holds: boolean, rule: string, broken: string) => void;
}

/** An attempt ended, and another may follow: it ended so, and there may be another. [R9, R14, R21] */
export function witnessAttemptEnd(
  node: SeenNode,
  entry: EntryOf<'attempt-failed'> | EntryOf<'attempt-deferred'> | EntryOf<'attempt-interrupted'>,
  { steps, unwinding, law }: Seen,
): void {
  const forward = entry.direction === 'forward';
  const goesOnlyForward = steps.goesOnlyForward(node);
  const tries = forward ? node.forward : node.undo;
  const end = tries.open === entry.attempt ? tries.ends.get(entry.attempt) : undefined;
  if (entry.kind === 'attempt-failed') {
    law(end?.kind === 'threw' && end.effect === entry.effect && end.retryable, 'R9', 'an attempt failed otherwise than it did');
    law(!forward || !unwinding, 'R14', 'a further attempt is planned on the way back');
    Object.assign(tries, { open: null, failures: tries.failures + 1, dueAt: entry.retryAt });
    return;
  }
  if (entry.kind === 'attempt-deferred') {
    const deferredAt = tries.deferredAt ?? entry.at;
    const limitAt = forward && !goesOnlyForward ? deferredAt + (node.step.replyTimeoutMs ?? Infinity) : Infinity;
    law(end?.kind === 'deferred', 'R9', 'a participant is to be asked again, and did not say so');
    law(!forward || !unwinding, 'R14', 'an answer is waited for on the way back');
    law(entry.askAt <= limitAt && (entry.askAt > entry.at || limitAt <= entry.at), 'R28', 'it is asked again too late, or at once');
    Object.assign(tries, { open: null, failures: 0, crashes: 0, firstAt: null, dueAt: entry.askAt, deferredAt });
    return;
  }
  law(end?.kind === 'interrupted', 'R21', 'an attempt was not cut short');
  const again = !forward || node.step.idempotent || effectOf(node) === 'none';
  law(again, 'R21', `${nameOf(node.ref)} is not idempotent, and is run again`);
  Object.assign(tries, { open: null, crashes: tries.crashes + (entry.why === 'crash' ? 1 : 0), dueAt: 0 });
  node.quietUntil = Math.max(node.quietUntil, entry.quietUntil ?? 0);
}

/** An attempt begins when its step may, in the direction of its saga, and within its policy. */
export function witnessAttemptStart(node: SeenNode, entry: EntryOf<'attempt-started'>, { steps, unwinding, law }: Seen): void {
  const { direction, attempt, at, pivot } = entry;
  const forward = direction === 'forward';
  const tries = forward ? node.forward : node.undo;
  const name = `${direction} ${nameOf(node.ref)}`;
  law(forward !== unwinding, 'R14', `${direction} work begins, and the saga goes the other way`);
  const dueAt = steps.dueAt(node, unwinding);
  law(dueAt !== null && dueAt <= at, forward ? 'R7' : 'R13', `${name} may not start now`);
  law(attempt === tries.attempts + 1, 'R9', `attempt ${attempt} comes after ${tries.attempts}`);
  law(tries.attempts === 0 || steps.mayGoOn(node, forward), 'R9', `${name} is tried beyond its policy`);
  law((pivot === true) === (forward && node.step.kind === 'pivot'), 'R11', 'the pivot is marked wrongly');
  Object.assign(tries, { attempts: attempt, open: attempt, firstAt: tries.firstAt ?? at });
}
