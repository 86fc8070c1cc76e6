import type { Decisions } from './decisions.js';

export interface RunResult {
  readonly balanced: boolean;
  /** How many orders were under way at the kill; 0: nothing was killed. */
  readonly underWayAtKill: number;
  /** Whether the orders are those of the repository. In a file of somebody's own there may be too few for an occasion. */
  readonly shippedOrders: boolean;
  readonly accepted: number;
  readonly decisions: Decisions;
}

export interface Verdict {
  readonly exitCode: 0 | 1;
  readonly text: string;
}

/** What a run comes to in which every order ended. A demo of the shipped orders that kills nothing shows nothing. */
export function verdictOf({ balanced, underWayAtKill, shippedOrders, accepted, decisions }: RunResult): Verdict {
  if (!balanced) return { exitCode: 1, text: 'The books do not balance.' };
  const { wrong, approved, declined, timedOut } = decisions;
  if (wrong.length > 0) return { exitCode: 1, text: `Not decided as their lines say: ${wrong.join(', ')}.` };
  if (shippedOrders && Math.min(approved, declined, timedOut) === 0)
    return {
      exitCode: 1,
      text: 'Of the orders above the limit none was approved, or none declined, or none left until its time was over.',
    };
  const text = `All ${accepted} orders ended, and the books balance`;
  if (underWayAtKill > 0) return { exitCode: 0, text: `${text}.` };
  if (!shippedOrders) return { exitCode: 0, text: `${text}. Nothing was killed.` };
  return { exitCode: 1, text: `${text}; but order-service was not killed, so this run shows no recovery. Run it again.` };
}
