import type { SagaFault } from '../saga-definition.error.js';
import { fault, type Subject } from './subject.js';

/** Both are stored, and parts of keys: what reads differently in a log, a URL or a shell is no name. */
const SAGA_NAME = /^[A-Za-z0-9][\w.:/-]{0,99}$/;
const STEP_NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]{0,99}$/u;

/** Nest would call these by itself, and `__proto__` is no property. */
const RESERVED = new Set([
  'onModuleInit',
  'onApplicationBootstrap',
  'onModuleDestroy',
  'beforeApplicationShutdown',
  'onApplicationShutdown',
  '__proto__',
]);

export function* checkNames(subject: Subject): Iterable<SagaFault> {
  const { name, version } = subject.metadata.options;
  if (!name) {
    yield fault(subject, "has no name. Add @SagaDefinition({ name: '…' }): it is what the database stores.");
  } else if (!SAGA_NAME.test(name)) {
    yield fault(
      subject,
      `has the name ${JSON.stringify(name)}, which is not fit to be stored. Use at most 100 letters, digits and . _ - : / only.`,
    );
  }
  if (version !== undefined && (!Number.isSafeInteger(version) || version < 1)) {
    yield fault(subject, `has version ${String(version)}. Give a whole number from 1.`);
  }
  if (subject.metadata.steps.length === 0) yield fault(subject, 'has no steps. Mark at least one method with @SagaStep().');
  for (const { method } of subject.metadata.steps) {
    if (RESERVED.has(method)) yield fault(subject, 'has a name that is taken. Call the step something else.', method);
    else if (!STEP_NAME.test(method))
      yield fault(subject, 'is no name for a step: it is stored, and part of keys. Use at most 100 letters, digits, _ and $.', method);
  }
  yield* checkDecorations(subject);
  yield* checkFormerNames(subject);
}

function* checkDecorations(subject: Subject): Iterable<SagaFault> {
  const { steps, compensations, staticMethods, repeated } = subject.metadata;
  for (const method of staticMethods) yield fault(subject, "is static, so it belongs to no saga. Remove 'static'.", method);
  for (const method of repeated) yield fault(subject, 'has the same decorator twice. Keep one.', method);
  for (const { method, step } of compensations) {
    if (steps.some((other) => other.method === method))
      yield fault(subject, `is a step and also compensates '${step}'. Make it two methods.`, method);
  }
}

/** A former name leads to one step, or a saga begun before the rename would be continued in the wrong place. [R23] */
function* checkFormerNames(subject: Subject): Iterable<SagaFault> {
  const owners = new Map(subject.metadata.steps.map(({ method }) => [method, method]));
  for (const { method, options } of subject.metadata.steps) {
    for (const former of new Set([options.was ?? []].flat())) {
      const owner = owners.get(former);
      if (owner === method) yield fault(subject, `was: '${former}' is its own name. Remove it.`, method);
      else if (owner === former)
        yield fault(subject, `was: '${former}' is the name of another step. Remove it, or rename that step.`, method);
      else if (owner !== undefined)
        yield fault(subject, `was: '${former}' is a former name of ${owner} already. Keep it on one of them.`, method);
      else owners.set(former, method);
    }
  }
}
