/** The longest delay that a Node timer keeps: 2^31 - 1 ms, 24 days. A longer one would fire at once. */
export const LONGEST_TIMER_MS = 2_147_483_647;

/** Calls back once, after the time given or LONGEST_TIMER_MS. Returns how to stop it. */
export function after(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS));
  return () => clearTimeout(timer);
}
