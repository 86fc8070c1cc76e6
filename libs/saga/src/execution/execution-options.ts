import type { Keeping } from '../store/retention.js';

/** What the executor needs of the module's options, in milliseconds and with every default known. */
export interface ExecutionOptions {
  /** This node executes sagas; false: it only starts and asks. */
  readonly workerEnabled: boolean;
  /** Sagas in memory at once. */
  readonly concurrency: number;
  readonly shutdownTimeoutMs: number;
  readonly leaseMs: number;
  /** How long a timed-out method may go on before it is given up. */
  readonly abandonAfterMs: number;
  /** How long a message is kept that no saga took. */
  readonly mailboxRetentionMs: number;
  /** How long sagas that have ended are kept; null: for ever. */
  readonly keeping: Keeping | null;
  /** Bytes of one stored value. */
  readonly maxPayload: number;
}

/** A saga that waits longer than this is given back: it holds neither memory nor a slot. */
export const PARK_AFTER_MS = 2_000;

/** A lost wake costs at most this. */
export const POLL_MS = 750;

/** A saga whose definition no node here knows is looked at again after this: with the next deploy it may be there. */
export const DEFINITION_LOOK_MS = 60_000;
