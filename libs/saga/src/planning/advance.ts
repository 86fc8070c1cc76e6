import { beginAlone, beginReadySteps } from './begin-steps.js';
import { recallChildren, settleChildren } from './children.js';
import type { Draft } from './draft.js';
import { isForwardAlive, isForwardDone } from './forward-state.js';
import { raiseDeadlineAlert, reasonOfStuck, reasonToUnwind } from './turn-round.js';
import { unwind } from './unwind.js';
import { sagaCompleted } from './usual-entries.js';

/** Begins all that may begin now, in whichever direction the saga goes, and ends it where nothing is left. */
export function advance(draft: Draft): void {
  const { status } = draft.state;
  if (status === 'completed' || status === 'compensated') return;
  if (status !== 'stuck') settleChildren(draft);
  if (!draft.state.unwinding) goForward(draft);
  if (draft.state.unwinding) unwind(draft);
}

function goForward(draft: Draft): void {
  const failure = reasonToUnwind(draft);
  if (failure) return draft.add({ kind: 'unwinding-began', failure });
  raiseDeadlineAlert(draft);
  if (draft.state.status === 'stuck') return;
  recallChildren(draft);
  if (isForwardDone(draft)) return draft.add(sagaCompleted());
  if (draft.situation.standsBy) return;
  if (draft.situation.alone && beginAlone(draft)) return;
  if (beginReadySteps(draft)) return goForward(draft);
  if (!isForwardAlive(draft)) draft.add({ kind: 'saga-stuck', failure: reasonOfStuck(draft) });
}
