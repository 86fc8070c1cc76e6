import type { Decision } from '../planning/decide.js';
import { hasEnded } from '../planning/saga-status.js';
import { hasOpenAttempt } from '../planning/state.js';
import type { SagaProgress } from '../store/saga-store.js';
import { PARK_AFTER_MS } from './execution-options.js';
import { progressOf } from './progress.js';

/** In which circumstances a run decides what becomes of its saga. */
export interface Circumstances {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** A time that the database's clock has surely passed. */
  readonly past: number;
  readonly paused: boolean;
  /** This node stops. */
  readonly stops: boolean;
  /** A child is being told to unwind. */
  readonly tellsChildren: boolean;
  /** An attempt has this node for itself. */
  readonly laneIsHeld: boolean;
}

/** Nothing is under way, and nothing will be for a while: the saga holds neither memory nor a slot. */
export function isToBeReleased({ state, entries, wakeAt, wantsAlone }: Decision, circumstances: Circumstances): boolean {
  if (hasEnded(state.status)) return true;
  const tellsChildren = circumstances.tellsChildren || entries.some(({ kind }) => kind === 'child-recalled');
  if (hasOpenAttempt(state) || tellsChildren) return false;
  if (state.status === 'stuck' || circumstances.stops || circumstances.paused) return true;
  // It has something to begin as soon as this node lets it.
  if (wantsAlone || circumstances.laneIsHeld) return false;
  return wakeAt === null || wakeAt - circumstances.now > PARK_AFTER_MS;
}

/** What the row is to say of a decision. */
export function progressAfter({ state, wakeAt }: Decision, { paused, stops, past }: Circumstances): SagaProgress {
  if (paused) return progressOf(state, null);
  const isOpenEnded = hasEnded(state.status) || state.status === 'stuck';
  // What this node holds back is for another to take up at once.
  return progressOf(state, stops && !isOpenEnded ? past : wakeAt);
}
