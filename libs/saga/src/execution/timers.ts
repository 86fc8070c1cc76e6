import { LONGEST_TIMER_MS } from '../planning/durations.js';

/** Calls back once, after the time given or LONGEST_TIMER_MS. Returns how to stop it. */
export function after(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), LONGEST_TIMER_MS));
  return () => clearTimeout(timer);
}
