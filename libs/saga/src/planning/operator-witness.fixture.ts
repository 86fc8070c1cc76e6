import type { Entry, NodeRef } from './journal.js';
import { isFailure, isOpen, owes, type SeenNode, type SeenSteps, type SeenTries } from './seen-steps.fixture.js';
import { nameOf } from './transcript.fixture.js';

interface Seen {
  readonly steps: SeenSteps;
  readonly unwinding: boolean;
  readonly crashLimit: number;
  readonly law: (holds: boolean, rule: string, broken: string) => void;
}

/** What an operator wrote of a step is one of four things, and never of what is under way or done. [R16] */
export function witnessOperator(node: SeenNode, entry: Extract<Entry, NodeRef>, { steps, unwinding, crashLimit, law }: Seen): void {
  const name = nameOf(node.ref);
  law(!isOpen(node), 'R16', `an operator settles ${name}, which is under way`);
  law(entry.kind.startsWith('step-') !== unwinding, 'R16', `an operator settles ${name} in the wrong direction`);
  if (!unwinding) law(node.end === null || isFailure(node), 'R16', `an operator settles ${name}, which is done`);
  if (!unwinding) law(steps.isReached(node.step), 'R7', `an operator settles ${name} before its turn`);
  if (unwinding) law(owes(node), 'R16', `an operator settles the compensation of ${name}, which owes none`);
  if (!unwinding) node.waits = null;
  switch (entry.kind) {
    case 'step-reopened':
      law(node.end !== null || node.forward.crashes >= crashLimit, 'R16', `${name} is opened again, and was open`);
      // Another child beside one that may be there would do everything twice.
      if (node.child?.ended !== false || node.end === 'failed') node.child = null;
      Object.assign(node, { wasUnknown: node.wasUnknown || node.end === 'unknown', end: null });
      node.vouched.clear();
      return anew(node.forward, entry.round, law);
    case 'compensation-reopened':
      law(node.undone === 'failed' || node.undo.crashes >= crashLimit, 'R16', `the undoing of ${name} is opened again, and was open`);
      node.undone = null;
      return anew(node.undo, entry.round, law);
    case 'step-skipped':
    case 'step-resolved':
      node.wasUnknown ||= node.end === 'unknown';
      node.end = entry.kind === 'step-skipped' ? 'skipped' : 'succeeded';
      return;
    default:
      node.undone = entry.kind === 'compensation-skipped' ? 'skipped' : 'resolved';
  }
}

/** Attempts and crashes are counted anew. */
function anew(tries: SeenTries, round: number, law: Seen['law']): void {
  law(round === tries.round + 1, 'R25', `round ${round} comes after round ${tries.round}`);
  Object.assign(tries, { round, before: tries.attempts, failures: 0, crashes: 0, dueAt: 0, firstAt: null, deferredAt: null });
}
