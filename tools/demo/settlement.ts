import { setTimeout as delay } from 'node:timers/promises';
import type { OrderApi, OrderDetail, StepSummary } from './order-api.js';
import { sideBySide } from './side-by-side.js';
import type { Tally } from './tally.js';

export interface SettlementOptions {
  readonly api: OrderApi;
  readonly tally: Tally;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  /** Throws where waiting is pointless, because a service died. */
  readonly assertAlive: () => void;
}

const LOOK_EVERY_MS = 500;
const SAY_EVERY_MS = 1_000;
/** No retry of the shop's sagas waits as long as this, and in the demo no person is waited for so long. */
const STANDSTILL_MS = 60_000;
const STUCK_LOOK_AFTER_MS = 5_000;
const LISTED = 1_000;
const ASKED_AT_ONCE = 4;
const NAMED = 20;

/** Notes each order that ends, and says how far it is, until all have ended. Throws, naming the rest, where all of it is stuck or nothing ends for a minute. */
export async function watchUntilEnded(options: SettlementOptions): Promise<void> {
  const { tally, signal } = options;
  const report = changesOf(tally, options.say);
  let movedAt = performance.now();
  for (;;) {
    options.assertAlive();
    const before = tally.ended.size;
    await noteEnded(options);
    report();
    if (tally.settled) return;
    if (tally.ended.size > before || !tally.fed) movedAt = performance.now();
    await throwAtStandstill(options, performance.now() - movedAt);
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
}

async function noteEnded({ api, tally }: SettlementOptions): Promise<void> {
  // First what is open, then what is under way: an order that is accepted between the two is looked at in the next round. In the
  // order of the states: one that changes its state between the two lists is in one of them at least.
  const open = tally.open();
  const underWay = [...(await api.list('PENDING', LISTED)), ...(await api.list('APPROVED', LISTED))];
  const ids = new Set(underWay.map(({ orderId }) => orderId));
  const candidates = open.filter((id) => !ids.has(id));
  for (const detail of await sideBySide(candidates, ASKED_AT_ONCE, (id) => api.find(id)))
    if (detail.saga.status === 'completed' || detail.saga.status === 'compensated') tally.ended.set(detail.orderId, detail);
}

async function throwAtStandstill({ api, tally }: SettlementOptions, quietMs: number): Promise<void> {
  if (quietMs < STUCK_LOOK_AFTER_MS) return;
  const open = tally.open();
  const details = await sideBySide(open.slice(0, NAMED), ASKED_AT_ONCE, (id) => api.find(id));
  const stuck = details.length === open.length && details.every(({ saga }) => saga.status === 'stuck');
  if (!stuck && quietMs < STANDSTILL_MS) return;
  const more = open.length > NAMED ? [`  and ${open.length - NAMED} more`] : [];
  const head = `Not ended, and nothing moved for ${Math.round(quietMs / 1000)} s: ${open.length} of ${tally.accepted.size} orders.`;
  throw new Error([head, ...details.map(explain), ...more].join('\n'));
}

/** One line of what an order's saga waits for. */
export function explain({ orderId, state, saga }: OrderDetail): string {
  const waits = saga.steps
    .flatMap((step) =>
      step.items?.length ? step.items.map((item, index) => waitOf(item, `${step.step}[${index}]`)) : [waitOf(step, step.step)],
    )
    .filter(Boolean);
  return `  ${orderId} ${state}, saga ${saga.id} ${saga.status}: ${waits.join(', ') || 'nothing under way'}${saga.failure ? ` (${saga.failure.message})` : ''}`;
}

function waitOf({ status, attempts, error, compensation }: StepSummary, name: string): string {
  const because = (cause: { readonly message: string } | null | undefined): string => (cause ? `: ${cause.message}` : '');
  if (compensation && ['pending', 'started', 'failed'].includes(compensation.status) && compensation.attempts > 0)
    return `undoing ${name} ${compensation.status}, attempt ${compensation.attempts}${because(compensation.error)}`;
  return status === 'started' || status === 'waiting' ? `${name} ${status}, attempt ${attempts}${because(error)}` : '';
}

/** Says how far it is, when that changed, at most once a second. */
function changesOf(tally: Tally, say: (line: string) => void): () => void {
  let said = '';
  let saidAt = -Infinity;
  return () => {
    const line = tally.summary();
    if (line === said || (performance.now() - saidAt < SAY_EVERY_MS && !tally.settled)) return;
    say(line);
    said = line;
    saidAt = performance.now();
  };
}
