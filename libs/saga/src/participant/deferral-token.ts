import { randomBytes } from 'node:crypto';

import type { Direction } from '../planning/journal.js';
import type { CommandMessage } from './protocol.js';

/** Which answer a token is for. `nonce` makes it unguessable. */
export interface Deferral {
  /** Name of the saga definition. */
  readonly saga: string;
  readonly sagaId: string;
  readonly step: string;
  readonly item?: number;
  readonly direction: Direction;
  readonly nonce: string;
}

export function deferralToken({ saga, sagaId, step, item, direction }: CommandMessage): string {
  const deferral: Deferral = {
    saga,
    sagaId,
    step,
    ...(item !== undefined && { item }),
    direction,
    nonce: randomBytes(16).toString('base64url'),
  };
  return Buffer.from(JSON.stringify(deferral)).toString('base64url');
}

/** Undefined: it is no token. Whether it is one that was given, the fence knows. */
export function readDeferralToken(token: string): Deferral | undefined {
  try {
    const read = JSON.parse(Buffer.from(token, 'base64url').toString()) as Partial<Deferral> | null;
    const { saga, sagaId, step, item, direction, nonce } = read ?? {};
    const isRead =
      typeof saga === 'string' &&
      typeof sagaId === 'string' &&
      typeof step === 'string' &&
      (item === undefined || Number.isInteger(item)) &&
      (direction === 'forward' || direction === 'compensation') &&
      typeof nonce === 'string';
    return isRead ? { saga, sagaId, step, ...(item !== undefined && { item }), direction, nonce } : undefined;
  } catch {
    return undefined;
  }
}
