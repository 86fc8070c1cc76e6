import { setTimeout as pause } from 'node:timers/promises';

const LOOK_MS = 250;
const PATIENCE_MS = 300_000;

/** Looks again and again. @throws Error where it has not come true after five minutes */
export async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const givenUpAt = performance.now() + PATIENCE_MS;
  while (!(await isTrue())) {
    if (performance.now() > givenUpAt) throw new Error(`Waited ${PATIENCE_MS / 1_000} s for this: ${what}`);
    await pause(LOOK_MS);
  }
}
