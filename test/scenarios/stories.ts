import type { StoryStore } from '../support/saga-app.js';
import { tellAsking } from './asking.scenario.js';
import { tellBadNeighbours } from './bad-neighbours.scenario.js';
import { tellBranchesAndConditions } from './branches-and-conditions.scenario.js';
import { tellChildren } from './children.scenario.js';
import { tellClosing } from './closing.scenario.js';
import { tellCommandsAndEvents } from './commands-and-events.scenario.js';
import { tellDeadlineAndCancel } from './deadline-and-cancel.scenario.js';
import { tellDurableBeforeActing } from './durable-before-acting.scenario.js';
import { tellFanOutAtSize } from './fan-out-at-size.scenario.js';
import { tellInputSchemas } from './input-schemas.scenario.js';
import { tellLifecycleEvents } from './lifecycle-events.scenario.js';
import { tellObservables } from './observables.scenario.js';
import { tellOperators } from './operators.scenario.js';
import { tellOutcomes } from './outcomes.scenario.js';
import { tellPastThePivot } from './past-the-pivot.scenario.js';
import { tellRequestScope } from './request-scope.scenario.js';
import { tellStartingTwice } from './starting-twice.scenario.js';
import { tellTimedOutSteps } from './timed-out-steps.scenario.js';
import { tellUnstorableValues } from './unstorable-values.scenario.js';
import { tellUnwinding } from './unwinding.scenario.js';
import { tellVersions } from './versions.scenario.js';
import { tellWaiting } from './waiting.scenario.js';

/** All that is told of sagas alike on every store. */
export function tellStories(store: StoryStore): void {
  tellStartingTwice(store);
  tellDurableBeforeActing(store);
  tellUnstorableValues(store);
  tellBranchesAndConditions(store);
  tellCommandsAndEvents(store);
  tellFanOutAtSize(store);
  tellOutcomes(store);
  tellTimedOutSteps(store);
  tellPastThePivot(store);
  tellUnwinding(store);
  tellDeadlineAndCancel(store);
  tellVersions(store);
  tellLifecycleEvents(store);
  tellOperators(store);
  tellAsking(store);
  tellBadNeighbours(store);
  tellRequestScope(store);
  tellWaiting(store);
  tellInputSchemas(store);
  tellObservables(store);
  tellChildren(store);
  tellClosing(store);
}
