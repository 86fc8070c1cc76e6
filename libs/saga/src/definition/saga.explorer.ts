import { Injectable, type Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';

import { handledCommand } from './command-handlers.js';
import { buildSaga, type DefinitionDefaults } from './saga-definition.builder.js';
import { SagaDefinitionError } from './saga-definition.error.js';
import { hasOneInstance, sagaInstancesOf } from './saga-instances.js';
import { readSaga } from './saga-metadata.accessor.js';
import type { ProvidedSaga } from './saga-registry.js';
import type { CommandHandlers } from './validation/between-sagas.js';
import { subjectOf } from './validation/subject.js';
import { validateSagas } from './validation/validate-sagas.js';

/** Finds the sagas among the providers of all modules. */
@Injectable()
export class SagaExplorer {
  constructor(private readonly modules: ModulesContainer) {}

  /**
   * Call it once the modules are instantiated: from `onModuleInit` on.
   *
   * @throws SagaDefinitionError with all faults of all sagas [R12]
   */
  explore(defaults: DefinitionDefaults): readonly ProvidedSaga[] {
    const found = this.providersByType().flatMap(([type, provider]) => {
      const metadata = readSaga(type);
      return metadata === undefined ? [] : [{ provider, subject: subjectOf(metadata) }];
    });
    const subjects = found.map(({ subject }) => subject);
    const faults = validateSagas(subjects, this.commandHandlers());
    if (faults.length > 0) throw new SagaDefinitionError(faults);
    return found.map(({ provider, subject }) => ({
      saga: buildSaga(subject.metadata, subject.graph, defaults),
      instances: sagaInstancesOf(provider),
    }));
  }

  /** The command classes of this application that have a `@CommandHandler`, with its name. */
  commandHandlers(): CommandHandlers {
    return new Map(
      this.providersByType().flatMap(([type]) => {
        const command = handledCommand(type);
        return command === undefined ? [] : [[command, type.name] as const];
      }),
    );
  }

  /** Each class once, however often and under whatever tokens it is provided; aliases are skipped. */
  private providersByType(): readonly (readonly [Type<object>, InstanceWrapper<object>])[] {
    const providers = new Map<Type<object>, InstanceWrapper<object>>();
    for (const { providers: ofModule } of this.modules.values()) {
      for (const wrapper of ofModule.values() as Iterable<InstanceWrapper<object>>) {
        const type = wrapper.isAlias ? undefined : typeOf(wrapper);
        if (type !== undefined && !providers.has(type)) providers.set(type, wrapper);
      }
    }
    return [...providers];
  }
}

/** The class behind a provider: of its instance, where a factory or a value gave that; its token, where a factory gives one each time. */
function typeOf(provider: InstanceWrapper<object>): Type<object> | undefined {
  const { instance, metatype, isNotMetatype, isFactory, token } = provider;
  const made: unknown = isFactory && !hasOneInstance(provider) ? token : (instance as object | null | undefined)?.constructor;
  const type: unknown = isNotMetatype ? made : metatype;
  return typeof type === 'function' ? (type as Type<object>) : undefined;
}
