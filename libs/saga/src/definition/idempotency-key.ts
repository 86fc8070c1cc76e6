import type { AttemptRef } from '../planning/journal.js';

/**
 * The same for every attempt of a step (and item) of a saga, in one direction. Step names are identifiers, so that no two
 * steps can share a key.
 */
export function idempotencyKeyOf(sagaId: string, { step, item, direction }: Omit<AttemptRef, 'attempt'>): string {
  const node = item === undefined ? step : `${step}[${item}]`;
  return direction === 'forward' ? `${sagaId}:${node}` : `${sagaId}:${node}:compensation`;
}
