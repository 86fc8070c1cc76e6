import type { ErrorRecord } from '../planning/failure.js';
import type { Direction, Effect } from '../planning/journal.js';
import type { StoredValue } from '../planning/payload.js';

/** Version of the wire message. A participant refuses what it does not know. */
export const PROTOCOL_VERSION = 1;

/** The pattern under which a participant listens, on any Nest transport. */
export const commandPattern = (participant: string): string => `nestjs-sagas.${participant}`;

/** A command of a saga on the wire. [R24] */
export interface CommandMessage {
  readonly protocol: typeof PROTOCOL_VERSION;
  /** New for each sending. */
  readonly messageId: string;
  /** Name of the saga definition. */
  readonly saga: string;
  readonly sagaId: string;
  /** In a compensation: the step that is undone. */
  readonly step: string;
  readonly item?: number;
  readonly direction: Direction;
  /** 1-based; an operator's retry opens the next. */
  readonly round: number;
  /** 1-based. */
  readonly attempt: number;
  readonly idempotencyKey: string;
  /** In a compensation, always: the key of the action. */
  readonly forwardIdempotencyKey?: string;
  /** When this command was sent for the first time, milliseconds since the epoch, by the orchestrator's database. */
  readonly firstSentAt: number;
  /**
   * In a compensation, always: when the action was sent for the first time, by the same clock. A participant that has forgotten
   * the action by now must not answer that there is nothing to undo.
   */
  readonly forwardFirstSentAt?: number;
  /** How long the sender waits for the reply; the handler's signal aborts then. */
  readonly timeoutMs?: number;
  /** Wire name, from `@SagaCommand`. */
  readonly command: string;
  readonly payload: StoredValue;
  readonly metadata: Readonly<Record<string, string>>;
  /** Of the start, as W3C Trace Context has it: the trace that the saga is a part of. */
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** What a participant answers. `effect` is what its fence knows, over all attempts of this step. [R9, R25] */
export type CommandReply =
  | { readonly kind: 'succeeded'; readonly result?: StoredValue }
  /** The answer comes later: the same command is to be sent again, until it does. */
  | { readonly kind: 'deferred' }
  | { readonly kind: 'refused'; readonly error: ErrorRecord; readonly effect: Effect }
  /** Trying again may help. */
  | { readonly kind: 'failed'; readonly error: ErrorRecord; readonly effect: Effect; readonly retryAfterMs?: number };
