import type { OrderDetail } from './order-api.js';
import type { FiledOrder } from './orders-file.js';
import type { Tally } from './tally.js';

/** How the orders above the limit were decided. */
export interface Decisions {
  readonly approved: number;
  readonly declined: number;
  /** Nobody looked at them. */
  readonly timedOut: number;
  /** The ids of those that were decided otherwise than their lines say. */
  readonly wrong: readonly string[];
}

type Decision = 'approved' | 'declined' | 'timed out';

/** Of the orders that have ended. One that was cancelled while it waited was not decided. */
export function decisionsOf({ ended, accepted }: Pick<Tally, 'ended' | 'accepted'>): Decisions {
  const decided = [...ended.values()].flatMap((order) => {
    const decision = decisionOf(order);
    return decision ? [{ orderId: order.orderId, decision, wanted: wantedOf(accepted.get(order.orderId)) }] : [];
  });
  const count = (decision: Decision): number => decided.filter((other) => other.decision === decision).length;
  return {
    approved: count('approved'),
    declined: count('declined'),
    timedOut: count('timed out'),
    wrong: decided.filter(({ decision, wanted }) => decision !== wanted).map(({ orderId }) => orderId),
  };
}

function decisionOf({ reason, saga }: OrderDetail): Decision | undefined {
  const { status } = saga.steps.find(({ step }) => step === 'awaitApproval') ?? {};
  if (status === 'succeeded') return 'approved';
  if (status === 'failed') return reason === 'APPROVAL_TIMED_OUT' ? 'timed out' : 'declined';
  return undefined;
}

function wantedOf(filed: FiledOrder | undefined): Decision {
  if (filed?.unattended) return 'timed out';
  return filed?.decline === undefined ? 'approved' : 'declined';
}
