/** How often a condition is looked at. */
const LOOK_MS = 5;
const PATIENCE_MS = 10_000;

/**
 * Resolves with the value as soon as it is what the test waits for: a condition, never a length of time.
 *
 * @throws Error with the last value, where it never was
 */
export async function eventually<T>(read: () => T | Promise<T>, isIt: (value: T) => boolean, patienceMs = PATIENCE_MS): Promise<T> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const value = await read();
    if (isIt(value)) return value;
    if (performance.now() > until) throw new Error(`It never came to that; at last it was ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
