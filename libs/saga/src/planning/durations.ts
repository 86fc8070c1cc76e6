/** Milliseconds, or text such as '250ms', '10s', '5m', '2h', '3d'. Nonsense fails at boot. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

/** The longest delay that a Node timer keeps: 24 days. A longer one would fire at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const TEXT = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/**
 * Milliseconds of a duration.
 *
 * @param field named in the error
 * @throws RangeError where the duration is negative, not finite, or text of another form
 */
export function parseDuration(duration: Duration, field: string): number {
  const ms = typeof duration === 'number' ? duration : parseText(duration);
  if (ms === undefined || !Number.isFinite(ms) || ms < 0) {
    throw new RangeError(
      `${field} is ${typeof duration === 'string' ? JSON.stringify(duration) : String(duration)}; give milliseconds, or text such as '250ms', '10s', '5m', '2h', '3d'`,
    );
  }
  return ms;
}

function parseText(text: string): number | undefined {
  const match = TEXT.exec(text);
  return match ? Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS] : undefined;
}
