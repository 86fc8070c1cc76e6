import type { Services } from '../services.js';
import { eventually } from '../services/eventually.js';
import type { OrderApi } from './order-api.js';
import type { Tally } from './tally.js';

export interface CrashOptions {
  readonly services: Services;
  readonly api: OrderApi;
  readonly tally: Tally;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** In what part of the file the kill comes, and how many orders it should find under way that do not just wait for a person. */
const FED_SHARE = 0.4;
const UNDER_WAY = 10;
const FED_WITHIN_MS = 600_000;
const LISTED = 1_000;

/**
 * Kills order-service with SIGKILL while orders are under way, and starts it again. Gives the ids of the orders that were under
 * way at the kill; none, and nothing is killed, where all orders had ended before there was an occasion.
 */
export async function crashInMidFlight({ services, api, tally, say, signal }: CrashOptions): Promise<ReadonlySet<string>> {
  const underWay = await eventually(() => findOccasion(api, tally), {
    withinMs: FED_WITHIN_MS,
    everyMs: 20,
    signal,
    otherwise: () => `The orders were not fed within ${FED_WITHIN_MS / 60_000} minutes: ${tally.summary()}.`,
  });
  if (underWay.length === 0) {
    say('Nothing was killed: every order had ended before the occasion came.');
    return new Set();
  }
  const killed = services.pid('order-service');
  await services.kill('order-service');
  say(`Killed order-service (process ${killed}) with SIGKILL, ${underWay.length} orders under way.`);
  const since = performance.now();
  await services.startAgain('order-service');
  say(
    `order-service is back (process ${services.pid('order-service')}) after ${((performance.now() - since) / 1000).toFixed(1)} s, and takes up what was under way.`,
  );
  return new Set(underWay);
}

/** The orders under way, when it is time; undefined before. */
async function findOccasion(api: OrderApi, tally: Tally): Promise<string[] | undefined> {
  if (!tally.fed && tally.accepted.size < tally.filed * FED_SHARE) return undefined;
  const { fed } = tally;
  const [pending, idle] = [await api.list('PENDING', LISTED), await api.waitingForApproval()];
  const underWay = pending.map(({ orderId }) => orderId);
  return fed || underWay.length >= UNDER_WAY + idle.length ? underWay : undefined;
}
