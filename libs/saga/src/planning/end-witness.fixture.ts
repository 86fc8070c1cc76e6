import type { SagaFailure } from './failure.js';
import { isLeft, isOpen, owes, type SeenSteps } from './seen-steps.fixture.js';
import { nameOf } from './transcript.fixture.js';

interface SeenSaga {
  readonly steps: SeenSteps;
  readonly unwinding: boolean;
  readonly law: (holds: boolean, rule: string, broken: string) => void;
}

/** It ended with all undone, or left with its reason. */
export function witnessCompensated({ steps, unwinding, law }: SeenSaga, { left = [] }: SagaFailure): void {
  law(unwinding && steps.all.every((node) => node.end !== null && !owes(node)), 'R13', 'it is compensated, and something is owed');
  const skipped = steps.all.filter(isLeft).map(({ ref }) => nameOf(ref));
  const named = left.map((one) => nameOf(one));
  law(String(named) === String(skipped), 'R17', `it left ${String(skipped)}, and names ${String(named)}`);
}

/** Nothing can go on without an operator, and it says why. */
export function witnessStuck({ steps, unwinding, law }: SeenSaga, { step, left = [] }: SagaFailure, mayUnwind: boolean): void {
  law(step !== undefined || left.length > 0, 'R17', 'it is stuck, and does not say why');
  law(!steps.all.some(isOpen), 'R11', 'it is stuck, and something is under way');
  const isStill = steps.all.every((node) => steps.dueAt(node, unwinding) === null);
  law(isStill, 'R11', 'it is stuck, and something may still run');
  law(!mayUnwind, 'R10', 'it is stuck, and may unwind');
  const named = new Set(left.map((one) => nameOf(one)));
  for (const { ref } of steps.all.filter(({ undone }) => undone === 'failed'))
    law(named.has(nameOf(ref)), 'R17', `${nameOf(ref)} is left, and not named`);
}
