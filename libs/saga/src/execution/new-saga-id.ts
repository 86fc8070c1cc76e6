import { randomFillSync } from 'node:crypto';

import { v7 as uuidV7 } from 'uuid';

const BYTES = 16;

/** Random bytes for 256 ids: asked for one by one they cost more than all else in a start. */
const random = new Uint8Array(256 * BYTES);
let used = random.length;

/** Of the last id: how many came before it in its millisecond, counted from a random number. */
let msecs = 0;
let seq = 0;

/** A UUID of version 7 (RFC 9562): later ones of this process sort later, so that new sagas lie side by side in the index, and in the order of their start. */
export function newSagaId(): string {
  if (used === random.length) {
    randomFillSync(random);
    used = 0;
  }
  used += BYTES;
  const own = random.subarray(used - BYTES, used);
  const now = Date.now();
  if (now > msecs) {
    msecs = now;
    // 31 bits, of those that the id itself does not take.
    seq = new DataView(own.buffer, own.byteOffset).getUint32(0) >>> 1;
  } else {
    seq += 1;
  }
  return uuidV7({ random: own, msecs, seq });
}
