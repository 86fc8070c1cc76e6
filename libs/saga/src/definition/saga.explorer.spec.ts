import { Inject, Injectable, Module, type Provider, Scope, type Type } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { Command, CommandHandler, CqrsModule } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';

import { stepContext } from '../testing/step-context.js';
import { SagaContext } from './saga-context.js';
import { SagaDefinition } from './saga-definition.decorator.js';
import { SagaDefinitionError } from './saga-definition.error.js';
import { type ProvidedSaga, SagaNotRegisteredError, SagaRegistry } from './saga-registry.js';
import { SagaStep } from './saga-step.decorator.js';
import { SagaExplorer } from './saga.explorer.js';

class PlaceOrder extends Command<string> {
  constructor(readonly orderId: string) {
    super();
  }
}

@Injectable()
class Mailer {}

@SagaDefinition({ name: 'place-order', startedBy: PlaceOrder, key: ({ orderId }) => orderId })
class PlaceOrderSaga {
  constructor(@Inject(Mailer) readonly mailer: Mailer) {}
  @SagaStep({ kind: 'pivot' })
  async pay({ input }: SagaContext<PlaceOrder>) {
    return input.orderId;
  }
}

@SagaDefinition({ name: 'place-order', version: 2 })
class PlaceOrderSaga2 {
  @SagaStep({ kind: 'pivot' })
  async pay() {}
}

@SagaDefinition({ name: 'of-a-request', scope: Scope.REQUEST })
class OfARequestSaga {
  constructor(@Inject(Mailer) readonly mailer: Mailer) {}
  @SagaStep({ kind: 'readonly' })
  async work() {}
}

const contextOf = (attempt: number): SagaContext => stepContext<SagaContext>({ attempt });

async function explore(...providers: Provider[]): Promise<SagaRegistry> {
  const app = await Test.createTestingModule({ providers: [SagaExplorer, SagaRegistry, Mailer, ...providers] }).compile();
  const registry = app.get(SagaRegistry);
  registry.fill(app.get(SagaExplorer).explore({}));
  return registry;
}

describe('the explorer', () => {
  it('finds the sagas among the providers, with their instances', async () => {
    const registry = await explore(PlaceOrderSaga, PlaceOrderSaga2);
    expect(registry.all().map(({ type }) => type)).toEqual([PlaceOrderSaga, PlaceOrderSaga2]);
    expect(registry.instanceFor(registry.ofType(PlaceOrderSaga), contextOf(1))).toMatchObject({ mailer: expect.any(Mailer) });
  });

  it.each<[string, Provider[]]>([
    ['an alias', [PlaceOrderSaga, { provide: 'alias', useExisting: PlaceOrderSaga }]],
    ['a second token', [PlaceOrderSaga, { provide: 'second', useClass: PlaceOrderSaga }]],
    ['a factory', [{ provide: PlaceOrderSaga, useFactory: async (mailer: Mailer) => new PlaceOrderSaga(mailer), inject: [Mailer] }]],
    ['a value', [{ provide: 'the saga', useValue: new PlaceOrderSaga(new Mailer()) }]],
  ])('counts %s once', async (_, providers) => {
    const registry = await explore(...providers);
    expect(registry.all()).toHaveLength(1);
    expect(registry.instanceFor(registry.ofType(PlaceOrderSaga), contextOf(1))).toBeInstanceOf(PlaceOrderSaga);
  });

  it('counts a class that two modules provide once', async () => {
    @Module({ providers: [PlaceOrderSaga2] })
    class Shop {}
    const app = await Test.createTestingModule({ imports: [Shop], providers: [SagaExplorer, PlaceOrderSaga2] }).compile();
    expect(app.get(SagaExplorer).explore({})).toHaveLength(1);
  });

  it('does not take a subclass for a saga that its base is', async () => {
    class Special extends PlaceOrderSaga2 {}
    const registry = await explore(Special);
    expect(registry.all()).toEqual([]);
  });

  it('passes over providers that have no class at all', async () => {
    const odd = [undefined, null, 1, Object.create(null), { constructor: 'mine' }].map((useValue, index) => ({
      provide: `odd-${index}`,
      useValue,
    }));
    await expect(explore(...odd)).resolves.toBeInstanceOf(SagaRegistry);
  });

  it.each<[string, Provider[]]>([
    ['its own decorator', [OfARequestSaga]],
    ['its provider', [{ provide: 'somewhere', useClass: PlaceOrderSaga, scope: Scope.REQUEST }]],
    ['its factory', [{ provide: PlaceOrderSaga, useFactory: () => new PlaceOrderSaga(new Mailer()), scope: Scope.REQUEST }]],
    ['what it injects', [PlaceOrderSaga, { provide: Mailer, useFactory: () => new Mailer(), inject: [REQUEST] }]],
    ['being transient', [{ provide: PlaceOrderSaga, useClass: PlaceOrderSaga, scope: Scope.TRANSIENT }]],
  ])('gives each attempt an instance of its own where a saga is of a request by %s', async (_, providers) => {
    const registry = await explore(...providers);
    const [saga] = registry.all();
    const [first, second] = await Promise.all([contextOf(1), contextOf(2)].map(async (context) => registry.instanceFor(saga!, context)));
    expect(first).toBeInstanceOf(saga!.type);
    expect(first).toMatchObject({ mailer: expect.any(Mailer) });
    expect(second).not.toBe(first);
  });

  it('takes the instance of the module that provides the saga, whoever else uses its token', async () => {
    @Module({ providers: [{ provide: 'a saga', useClass: OfARequestSaga }, Mailer] })
    class Sagas {}
    @Module({ providers: [{ provide: 'a saga', useClass: Mailer }] })
    class Others {}
    const app = await Test.createTestingModule({ imports: [Sagas, Others], providers: [SagaExplorer] }).compile();
    const [{ instances }] = app.get(SagaExplorer).explore({}) as [ProvidedSaga];
    await expect(instances(contextOf(1))).resolves.toBeInstanceOf(OfARequestSaga);
  });

  it('R12: throws all faults of all sagas at once, commands with a handler among them', async () => {
    @CommandHandler(PlaceOrder)
    class PlaceOrderHandler {
      async execute(): Promise<string> {
        return 'handled';
      }
    }
    @SagaDefinition({ name: 'empty' })
    class EmptySaga {}
    const app = await Test.createTestingModule({
      imports: [CqrsModule.forRoot()],
      providers: [SagaExplorer, Mailer, PlaceOrderSaga, EmptySaga, PlaceOrderHandler],
    }).compile();
    expect(() => app.get(SagaExplorer).explore({})).toThrow(
      new SagaDefinitionError([
        { saga: 'EmptySaga', message: 'has no steps. Mark at least one method with @SagaStep().' },
        { saga: 'PlaceOrderSaga', message: 'PlaceOrder starts saga place-order and also has PlaceOrderHandler. Remove one.' },
      ]),
    );
  });
});

describe('the registry', () => {
  it('R23: finds a version, and the highest one', async () => {
    const registry = await explore(PlaceOrderSaga2, PlaceOrderSaga);
    expect(registry.get('place-order', 1)?.type).toBe(PlaceOrderSaga);
    expect(registry.latest('place-order')?.type).toBe(PlaceOrderSaga2);
    expect(registry.get('place-order', 3)).toBeUndefined();
    expect(registry.latest('other')).toBeUndefined();
  });

  it.each<[string, Type<object>]>([
    ['PlaceOrderSaga is not provided. Add it to `providers` of a module that the application imports.', PlaceOrderSaga],
    ['Mailer has no @SagaDefinition({ name }).', Mailer],
  ])('says: %s', async (message, type) => {
    const registry = await explore();
    expect(() => registry.ofType(type)).toThrow(new SagaNotRegisteredError(message));
  });
});
