import { pickExamples, wasCutShort } from './examples.js';
import { decisionsOf } from './decisions.js';
import type { OrderApi, OrderDetail } from './order-api.js';
import { outcomeTable } from './outcome-table.js';
import { sideBySide } from './side-by-side.js';
import type { Tally } from './tally.js';
import { timeline } from './timeline.js';

const ASKED_AT_ONCE = 4;

/** What the run came to, as lines: the table of outcomes, and the timeline of one saga of each kind. */
export async function report(api: OrderApi, tally: Tally, underWayAtKill: ReadonlySet<string>): Promise<string[]> {
  const orders = [...tally.ended.values()];
  const interrupted = await findInterrupted(api, underWayAtKill);
  const recovered = interrupted.size > 0 ? interrupted : underWayAtKill;
  return [
    ...title('Outcomes'),
    ...outcomeTable(orders),
    '',
    ...remarks(tally, underWayAtKill, interrupted),
    ...(await timelines(api, orders, recovered)),
  ];
}

export const title = (text: string): string[] => ['', text, '='.repeat(text.length)];

async function findInterrupted(api: OrderApi, underWay: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const ids = [...underWay];
  const cut = await sideBySide(ids, ASKED_AT_ONCE, async (id) => wasCutShort(await api.journal(id)));
  return new Set(ids.filter((_, index) => cut[index]));
}

function remarks(tally: Tally, underWay: ReadonlySet<string>, interrupted: ReadonlySet<string>): string[] {
  const repeated = tally.repeated > 0 ? [`${tally.repeated} placed twice under the same order id: one order each.`] : [];
  const cancels = `${tally.cancelsAsked} cancelled by their shoppers: ${tally.cancelsAccepted} in time, ${tally.cancelsAsked - tally.cancelsAccepted} too late.`;
  const { approved, declined, timedOut } = decisionsOf(tally);
  const asked = `${approved + declined + timedOut} were above the limit: ${approved} approved, ${declined} declined, ${timedOut} left until their time was over.`;
  const killed = `${underWay.size} were under way when order-service was killed; ${interrupted.size} of their sagas had an attempt cut short. All ended.`;
  return [
    ...repeated,
    ...(tally.cancelsAsked > 0 ? [cancels] : []),
    ...(approved + declined + timedOut > 0 ? [asked] : []),
    ...(underWay.size > 0 ? [killed] : []),
  ];
}

async function timelines(api: OrderApi, orders: readonly OrderDetail[], recovered: ReadonlySet<string>): Promise<string[]> {
  const lines: string[] = [];
  for (const [kind, order] of Object.entries(pickExamples(orders, recovered))) {
    lines.push(...title(`A saga that was ${kind}`));
    if (order) lines.push(headline(order), ...timeline(await api.journal(order.orderId)));
    else lines.push('There was none in this run.');
  }
  return lines;
}

function headline({ orderId, state, reason, saga }: OrderDetail): string {
  return `${orderId}: ${state}${reason ? ` (${reason})` : ''}, saga ${saga.id} ${saga.status}`;
}
