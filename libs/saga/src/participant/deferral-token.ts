import { randomBytes } from 'node:crypto';

import type { Direction } from '../planning/journal.js';
import { fitsField } from './command-message.js';
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

/** Anybody may have made a token up: what the fence could not look for is none. */
const FIELDS = ['saga', 'sagaId', 'step', 'item', 'direction'] as const;

/** Undefined: it is no token. Whether it is one that was given, the fence knows. */
export function readDeferralToken(token: string): Deferral | undefined {
  try {
    const read = JSON.parse(Buffer.from(token, 'base64url').toString()) as Partial<Deferral> | null;
    return read !== null && FIELDS.every((field) => fitsField(field, read[field])) ? (read as Deferral) : undefined;
  } catch {
    return undefined;
  }
}
