import { randomFillSync } from 'node:crypto';

import { v7 as uuidV7 } from 'uuid';

const BYTES = 16;

/** Random bytes for 256 ids: asked for one by one they cost more than all else in a start. */
const random = new Uint8Array(256 * BYTES);
let used = random.length;

/** A UUID of version 7 (RFC 9562): later ones sort later, to the millisecond, so that new sagas lie side by side in the index. */
export function newSagaId(): string {
  if (used === random.length) {
    randomFillSync(random);
    used = 0;
  }
  used += BYTES;
  return uuidV7({ random: random.subarray(used - BYTES, used) });
}
