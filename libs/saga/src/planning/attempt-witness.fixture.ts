import type { EntryOf } from './journal.js';
import { effectOf, type SeenNode } from './seen-steps.fixture.js';
import { nameOf } from './transcript.fixture.js';

interface Seen {
  readonly unwinding: boolean;
  readonly law: (holds: boolean, rule: string, broken: string) => void;
}

/** An attempt ended, and another may follow: it ended so, and there may be another. [R9, R14, R21] */
export function witnessAttemptEnd(
  node: SeenNode,
  entry: EntryOf<'attempt-failed'> | EntryOf<'attempt-interrupted'>,
  { unwinding, law }: Seen,
): void {
  const forward = entry.direction === 'forward';
  const tries = forward ? node.forward : node.undo;
  const end = tries.open === entry.attempt ? tries.ends.get(entry.attempt) : undefined;
  if (entry.kind === 'attempt-failed') {
    law(end?.kind === 'threw' && end.effect === entry.effect && end.retryable, 'R9', 'an attempt failed otherwise than it did');
    law(!forward || !unwinding, 'R14', 'a further attempt is planned on the way back');
    Object.assign(tries, { open: null, failures: tries.failures + 1, dueAt: entry.retryAt });
    return;
  }
  law(end?.kind === 'interrupted', 'R21', 'an attempt was not cut short');
  const again = !forward || node.step.idempotent || effectOf(node) === 'none';
  law(again, 'R21', `${nameOf(node.ref)} is not idempotent, and is run again`);
  Object.assign(tries, { open: null, crashes: tries.crashes + (entry.why === 'crash' ? 1 : 0), dueAt: 0 });
  node.quietUntil = Math.max(node.quietUntil, entry.quietUntil ?? 0);
}
