import { createHash } from 'node:crypto';

/** What becomes of one message: a delay in milliseconds for each time that it arrives; none: it is lost. */
export interface Fate {
  /** While its sender lives. */
  readonly carried: readonly number[];
  /** The network keeps it, and brings it when its sender, or the whole saga, may be gone. */
  readonly kept: readonly number[];
}

/** By which a message is known in each run with the same seed: the saga's id is another in each. */
export interface Travelling {
  readonly payload: { readonly order: string };
  readonly step: string;
  readonly item?: number;
  readonly direction: string;
  readonly round: number;
  readonly attempt: number;
}

/** The longest delay; attempts time out before. */
const LONGEST_MS = 900;
const LONGEST_KEPT_MS = 4_000;

/** Each message has a fate of its own, which the seed alone decides. A fifth is lost, a tenth is kept, a tenth comes twice, half of all is late. */
export function fateOf(seed: number, way: 'there' | 'back', message: Travelling): Fate {
  const { payload, step, item, direction, round, attempt } = message;
  const [happening = 0, first = 0, second = 0] = lot(seed, way, payload.order, step, item, direction, round, attempt);
  if (happening < 51) return { carried: [], kept: [] };
  return {
    carried: happening < 77 ? [] : [delay(first, LONGEST_MS)],
    kept: happening < 102 ? [Math.round((second / 255) * LONGEST_KEPT_MS)] : [],
  };
}

/** What the gateway does with the nth request of a key: one in eight fails before it does anything, one in eight after. */
export function gatewayFateOf(seed: number, what: string, key: string, nth: number): 'works' | 'fails' | 'works, and does not answer' {
  const [happening = 0] = lot(seed, what, key, nth);
  if (happening < 32) return 'fails';
  return happening < 64 ? 'works, and does not answer' : 'works';
}

const lot = (...named: readonly unknown[]): Buffer => createHash('sha256').update(named.join(' ')).digest();

const delay = (byte: number, longest: number): number => (byte < 128 ? 0 : Math.round(((byte - 128) / 128) * longest));
