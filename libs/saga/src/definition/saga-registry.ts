import { Injectable, type Type } from '@nestjs/common';

import { SagaError } from '../planning/saga-error.js';
import type { RegisteredSaga } from './registered-saga.js';
import type { SagaContext } from './saga-context.js';
import type { SagaInstances } from './saga-instances.js';
import { readDefinition } from './saga-metadata.js';

/** A class is used as a saga, but is none of this application's. */
export class SagaNotRegisteredError extends SagaError {
  readonly code = 'SAGA_NOT_REGISTERED';
}

/** A saga, and the objects that have its methods. */
export interface ProvidedSaga {
  readonly saga: RegisteredSaga;
  readonly instances: SagaInstances;
}

/** The sagas of this application. Filled once, when all are known to be without faults. */
@Injectable()
export class SagaRegistry {
  private readonly byType = new Map<Type<object>, ProvidedSaga>();

  fill(sagas: readonly ProvidedSaga[]): void {
    for (const provided of sagas) this.byType.set(provided.saga.type, provided);
  }

  all(): readonly RegisteredSaga[] {
    return [...this.byType.values()].map(({ saga }) => saga);
  }

  get(name: string, version: number): RegisteredSaga | undefined {
    return this.all().find(({ definition }) => definition.name === name && definition.version === version);
  }

  /** The highest version: messages start that one. [R23] */
  latest(name: string): RegisteredSaga | undefined {
    return this.all()
      .filter(({ definition }) => definition.name === name)
      .toSorted((a, b) => b.definition.version - a.definition.version)[0];
  }

  /** @throws SagaNotRegisteredError where the class is no saga, or is not provided */
  ofType(type: Type<object>): RegisteredSaga {
    return this.provided(type).saga;
  }

  /** The object whose methods are the steps, for one attempt. */
  instanceFor({ type }: RegisteredSaga, context: SagaContext): object | Promise<object> {
    return this.provided(type).instances(context);
  }

  private provided(type: Type<object>): ProvidedSaga {
    const provided = this.byType.get(type);
    if (provided !== undefined) return provided;
    if (readDefinition(type) === undefined) throw new SagaNotRegisteredError(`${type.name} has no @SagaDefinition({ name }).`);
    throw new SagaNotRegisteredError(`${type.name} is not provided. Add it to \`providers\` of a module that the application imports.`);
  }
}
