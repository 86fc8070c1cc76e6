/** The steps are those of docs/reference/protocol.md, "What a participant keeps", and this file is written from it alone. */
export interface Command {
  readonly sagaId: string;
  readonly step: string;
  readonly item?: number;
  readonly direction: 'forward' | 'compensation';
  readonly round: number;
  readonly attempt: number;
  readonly firstSentAt: number;
  readonly forwardFirstSentAt?: number;
  readonly command: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

interface Failure {
  readonly code?: string;
  readonly message: string;
}

export type Reply =
  | { readonly kind: 'succeeded'; readonly result?: unknown }
  | { readonly kind: 'deferred' }
  | { readonly kind: 'refused' | 'failed'; readonly error: Failure; readonly effect: 'none' | 'possible' };

type FinalDeed = { readonly end: 'succeeded'; readonly result?: unknown } | { readonly end: 'refused'; readonly error: Failure };

/** A handler's: what it undoes by itself where it refuses or fails. */
type Deed = FinalDeed | { readonly end: 'deferred' } | { readonly end: 'failed'; readonly error: Failure };

export interface Handler {
  /** It acts outside the database. */
  readonly external: boolean;
  run(command: Command): Deed;
}

interface Side {
  readonly state: 'untouched' | 'started' | 'deferred' | 'succeeded' | 'refused';
  readonly round: number;
  readonly unanswered: number;
  readonly failed: number;
  readonly reply?: Reply;
}

const NEW: Side = { state: 'untouched', round: 0, unanswered: 0, failed: 0 };

const KEPT_MS = 30 * 86_400_000;

/** In memory, where nothing else happens meanwhile: it has transactions and locks for nothing. */
export class HandMadeFence {
  private readonly rows = new Map<string, Readonly<Record<Command['direction'], Side>>>();

  handle(command: Command, handler: Handler, now: number): Reply {
    const known = this.known(command, now);
    if (known !== undefined) return known;
    if (handler.external) {
      const side = this.side(command);
      this.store(command, { state: 'started', round: command.round, unanswered: side.unanswered + 1, failed: side.failed });
    }
    return this.call(command, handler);
  }

  /** An answer that was deferred is there. */
  answerLater(command: Command, deed: FinalDeed): void {
    const side = this.side(command);
    const isUndone = command.direction === 'forward' && this.other(command).state !== 'untouched';
    if (side.state === 'deferred' && !isUndone) this.store(command, afterDeed(side, deed));
  }

  /** Steps 3 to 10. */
  private known(command: Command, now: number): Reply | undefined {
    const [own, other] = [this.side(command), this.other(command)];
    const isNew = own.state === 'untouched' && other.state === 'untouched';
    const { firstSentAt, forwardFirstSentAt = now, direction, round } = command;
    if (now - firstSentAt > KEPT_MS || (isNew && now - forwardFirstSentAt > KEPT_MS)) return refused('SAGA_COMMAND_EXPIRED', 'possible');
    if (own.state === 'succeeded') return own.reply;
    if (round < own.round) return refused('SAGA_ROUND_OVER', effectOf(own));
    if (own.state === 'refused' && round === own.round) return own.reply;
    if (direction === 'forward' && other.state !== 'untouched') return refused('SAGA_COMPENSATED_BEFORE', effectOf(own));
    if (own.state === 'deferred') return { kind: 'deferred' };
    if (command.attempt <= own.failed) return attemptOver(effectOf(own));
    if (direction === 'forward' || other.state === 'succeeded' || effectOf(other) === 'possible') return undefined;
    const reply: Reply = { kind: 'succeeded' };
    this.store(command, { ...own, state: 'succeeded', round, reply });
    return reply;
  }

  /** Step 11. */
  private call(command: Command, handler: Handler): Reply {
    const side = this.side(command);
    const deed = handler.run(command);
    if (deed.end === 'failed') {
      this.store(command, { ...side, failed: command.attempt });
      return { kind: 'failed', error: deed.error, effect: effectOf(side) };
    }
    const called = { ...side, round: command.round, unanswered: handler.external ? side.unanswered - 1 : side.unanswered };
    const after: Side = deed.end === 'deferred' ? { ...called, state: 'deferred', reply: { kind: 'deferred' } } : afterDeed(called, deed);
    this.store(command, after);
    return after.reply as Reply;
  }

  private side(command: Command): Side {
    return this.rows.get(keyOf(command))?.[command.direction] ?? NEW;
  }

  private other(command: Command): Side {
    return this.rows.get(keyOf(command))?.[command.direction === 'forward' ? 'compensation' : 'forward'] ?? NEW;
  }

  private store(command: Command, side: Side): void {
    const row = this.rows.get(keyOf(command)) ?? { forward: NEW, compensation: NEW };
    this.rows.set(keyOf(command), { ...row, [command.direction]: side });
  }
}

const keyOf = ({ sagaId, step, item }: Command): string => JSON.stringify([sagaId, step, item ?? null]);

const effectOf = ({ state, unanswered }: Pick<Side, 'state' | 'unanswered'>): 'none' | 'possible' =>
  unanswered > 0 || state === 'deferred' ? 'possible' : 'none';

function afterDeed({ round, unanswered, failed }: Side, deed: FinalDeed): Side {
  if (deed.end === 'succeeded') {
    const reply: Reply = { kind: 'succeeded', ...(deed.result !== undefined && { result: deed.result }) };
    return { state: 'succeeded', round, unanswered, failed, reply };
  }
  return {
    state: 'refused',
    round,
    unanswered,
    failed,
    reply: { kind: 'refused', error: deed.error, effect: unanswered > 0 ? 'possible' : 'none' },
  };
}

const attemptOver = (effect: 'none' | 'possible'): Reply => ({
  kind: 'failed',
  error: { code: 'SAGA_ATTEMPT_OVER', message: 'it has failed' },
  effect,
});

const refused = (code: string, effect: 'none' | 'possible'): Reply => ({ kind: 'refused', error: { code, message: code }, effect });
