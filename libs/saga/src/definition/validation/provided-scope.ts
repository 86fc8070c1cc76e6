import { Scope } from '@nestjs/common';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';

import type { SagaFault } from '../saga-definition.error.js';
import { fault, type Subject } from './subject.js';

const ALONE = 'This version runs sagas of the default scope alone';

/** Of any other scope there is no one instance: what Nest holds instead is an object without its dependencies. */
export function* checkProvidedScope(subject: Subject, provider: InstanceWrapper<object>): Iterable<SagaFault> {
  // A fault of its own, which says what to do instead.
  if (subject.metadata.options.scope === Scope.REQUEST) return;
  if (provider.isTransient) yield fault(subject, `is transient. ${ALONE}: leave Scope.TRANSIENT out.`);
  else if (provider.scope === Scope.REQUEST) yield fault(subject, `is provided with Scope.REQUEST. ${ALONE}: provide it without a scope.`);
  else if (!provider.isDependencyTreeStatic()) {
    const injected = requestScopedOf(provider);
    yield fault(subject, `is request-scoped, because it injects ${injected}, which is. ${ALONE}: inject what it needs as a singleton.`);
  }
}

function requestScopedOf(provider: InstanceWrapper<object>): string {
  const injected = [...(provider.getCtorMetadata() ?? []), ...(provider.getPropertiesMetadata() ?? []).map(({ wrapper }) => wrapper)];
  const culprit = injected.find((dependency) => !dependency.isDependencyTreeStatic());
  return culprit === undefined ? 'something' : String(culprit.name);
}
