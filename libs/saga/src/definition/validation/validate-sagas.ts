import type { SagaFault } from '../saga-definition.error.js';
import { checkAwaitedEvents } from './awaited-events.js';
import { checkCommands, checkUnique, type CommandHandlers } from './between-sagas.js';
import { checkChildren } from './children.js';
import { checkCompensations } from './compensations.js';
import { checkDependencies } from './dependencies.js';
import { checkLimits } from './limits.js';
import { checkNames } from './names.js';
import { checkPivot } from './pivot.js';
import { checkStarting } from './starting.js';
import type { Check, Subject } from './subject.js';

const CHECKS: readonly Check[] = [checkNames, checkDependencies, checkCompensations, checkPivot, checkStarting, checkLimits, checkChildren];

/** All faults of all sagas, saga by saga. [R12] */
export function validateSagas(subjects: readonly Subject[], handlers: CommandHandlers): readonly SagaFault[] {
  const alone = subjects.flatMap((subject) => CHECKS.flatMap((check) => Array.from(check(subject))));
  return [...alone, ...checkUnique(subjects), ...checkCommands(subjects, handlers), ...checkAwaitedEvents(subjects)];
}
