import { setTimeout as delay } from 'node:timers/promises';
import type { OrderApi } from './order-api.js';
import { sideBySide } from './side-by-side.js';
import type { Tally } from './tally.js';

export interface CarrierOptions {
  readonly api: OrderApi;
  readonly tally: Tally;
  readonly signal: AbortSignal;
}

const LISTED = 1_000;
const LOOK_EVERY_MS = 500;
const SAID_AGAIN_MS = 3_000;
const SAID_AT_ONCE = 4;

/** Stands for the carriers: delivers each parcel as soon as its order is paid, and says so again until the order is closed. */
export async function deliverParcels({ api, tally, signal }: CarrierOptions): Promise<void> {
  const saidAt = new Map<string, number>();
  const isDue = (trackingId: string): boolean => performance.now() - (saidAt.get(trackingId) ?? -Infinity) > SAID_AGAIN_MS;
  while (!tally.settled) {
    const parcels = (await api.list('APPROVED', LISTED)).flatMap(({ trackingIds }) => trackingIds ?? []);
    await sideBySide(parcels.filter(isDue), SAID_AT_ONCE, async (trackingId) => {
      await api.deliver(trackingId);
      saidAt.set(trackingId, performance.now());
    });
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
}
