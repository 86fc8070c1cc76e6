import type { Type } from '@nestjs/common';
import { Command } from '@nestjs/cqrs';

import { AwaitEvent } from '../await-event.decorator.js';
import { AwaitSignal } from '../await-signal.decorator.js';
import { Compensate } from '../compensate.decorator.js';
import { SagaContext } from '../saga-context.js';
import { SagaDefinition } from '../saga-definition.decorator.js';
import { placeOf } from '../saga-definition.error.js';
import { readSaga } from '../saga-metadata.accessor.js';
import { SagaStep } from '../saga-step.decorator.js';
import { subjectOf } from './subject.js';
import { validateSagas } from './validate-sagas.js';

class PlaceOrder extends Command<string> {
  constructor(readonly orderId: string) {
    super();
  }
}
class ReturnRequested {
  constructor(readonly orderId: string) {}
}
class Delivered {
  constructor(readonly orderId: string) {}
}
const keyOf = ({ orderId }: { orderId: string }): string => orderId;

/** Every fault, with its place. */
function faultsIn(...types: readonly Type<object>[]): readonly string[] {
  const subjects = types.map((type) => subjectOf(readSaga(type)!));
  return validateSagas(subjects, new Map([[PlaceOrder, 'PlaceOrderHandler']])).map((fault) => `${placeOf(fault)} ${fault.message}`);
}

describe('R12: a saga class', () => {
  it('without faults passes', () => {
    @SagaDefinition({ name: 'trip' })
    class Trip {
      @SagaStep({ after: [] }) async flight() {}
      @Compensate('flight') async cancelFlight() {}
      @SagaStep({ after: [], kind: 'readonly' }) async weather() {}
      @SagaStep({ after: ['flight', 'weather'], kind: 'pivot' }) async pay() {}
      @SagaStep({ was: 'mail' }) async notify() {}
      @SagaStep({ kind: 'readonly' }) async look() {}
    }
    expect(faultsIn(Trip)).toEqual([]);
  });

  it.each([
    ['', "has no name. Add @SagaDefinition({ name: '…' }): it is what the database stores."],
    ['place order', 'has the name "place order", which is not fit to be stored. Use at most 100 letters, digits and . _ - : / only.'],
    ['-order', 'has the name "-order", which is not fit to be stored. Use at most 100 letters, digits and . _ - : / only.'],
  ])('has a stable name, not %j', (name, message) => {
    @SagaDefinition({ name })
    class Named {
      @SagaStep({ kind: 'pivot' }) async pay() {}
    }
    expect(faultsIn(Named)).toEqual([`Named ${message}`]);
  });

  it.each([0, 1.5, -1, NaN])('has a whole number for version, not %p', (version) => {
    @SagaDefinition({ name: 'v', version })
    class Versioned {
      @SagaStep({ kind: 'pivot' }) async pay() {}
    }
    expect(faultsIn(Versioned)).toEqual([`Versioned has version ${version}. Give a whole number from 1.`]);
  });

  it('has steps', () => {
    @SagaDefinition({ name: 'empty' })
    class Empty {}
    expect(faultsIn(Empty)).toEqual(['Empty has no steps. Mark at least one method with @SagaStep().']);
  });

  it('has no two of one name and version', () => {
    @SagaDefinition({ name: 'order' })
    class Order {
      @SagaStep({ kind: 'pivot' }) async pay() {}
    }
    @SagaDefinition({ name: 'order', version: 1 })
    class OrderAgain extends Order {}
    @SagaDefinition({ name: 'order', version: 2 })
    class OrderTwo extends Order {}
    expect(faultsIn(Order, OrderAgain, OrderTwo)).toEqual([
      "OrderAgain has the name and version of Order: 'order', version 1. Give one of them another.",
    ]);
  });
});

describe('R12: what starts or continues a saga', () => {
  it('needs a key', () => {
    @SagaDefinition({ name: 'return', startedBy: ReturnRequested })
    class ReturnSaga {
      @AwaitEvent(Delivered, { key: keyOf }) delivered() {}
      @AwaitEvent(Delivered, {} as { key: typeof keyOf }) again() {}
    }
    expect(faultsIn(ReturnSaga)).toEqual([
      'ReturnSaga is started by ReturnRequested, but has no key. Add key: (input) => ….',
      'ReturnSaga.delivered awaits Delivered, but the saga has no key. Add @SagaDefinition({ key: (input) => … }).',
      'ReturnSaga.again awaits Delivered, but the saga has no key. Add @SagaDefinition({ key: (input) => … }).',
      'ReturnSaga.again awaits Delivered without saying whose. Add key: (event) => ….',
    ]);
  });

  it('is loaded', () => {
    const missing = undefined as unknown as Type<{ orderId: string }>;
    @SagaDefinition<{ orderId: string }>({ name: 'circular', startedBy: [missing], key: keyOf })
    class Circular {
      @AwaitEvent(missing, { key: keyOf }) later() {}
    }
    expect(faultsIn(Circular)).toEqual([
      'Circular is started by undefined: that file is not loaded yet. Break the circular import.',
      'Circular.later awaits undefined: that file is not loaded yet. Break the circular import.',
    ]);
  });

  it('is a command for one saga, and for no handler; an event may start many', () => {
    class Ship extends Command<string> {
      readonly orderId: string;
    }
    class Steps {
      @SagaStep({ kind: 'pivot' }) async pay() {}
    }
    @SagaDefinition({ name: 'one', startedBy: [Ship, Delivered], key: keyOf })
    class One extends Steps {}
    @SagaDefinition({ name: 'one', version: 2, startedBy: [Ship], key: keyOf })
    class OneTwo extends Steps {}
    @SagaDefinition({ name: 'two', startedBy: [Ship, Delivered], key: keyOf })
    class Two extends Steps {}
    @SagaDefinition({ name: 'handled', startedBy: PlaceOrder, key: keyOf })
    class Handled extends Steps {}
    expect(faultsIn(One, OneTwo, Two, Handled)).toEqual([
      'Two is started by Ship, which starts One already. A command starts one saga: use two commands, or an event.',
      'Handled PlaceOrder starts saga handled and also has PlaceOrderHandler. Remove one.',
    ]);
  });
});

describe('R12: what a saga waits for', () => {
  class OtherDelivered extends ReturnRequested {}
  Object.defineProperty(OtherDelivered, 'name', { value: Delivered.name });

  it('has a name that tells it apart', () => {
    @SagaDefinition({ name: 'waits', key: keyOf })
    class Waits {
      @AwaitSignal('') nameless() {}
      @AwaitEvent(Delivered, { key: keyOf }) delivered() {}
      @AwaitEvent(Delivered, { key: keyOf }) deliveredAgain() {}
      @AwaitEvent(OtherDelivered, { key: keyOf }) otherDelivered() {}
    }
    expect(faultsIn(Waits)).toEqual([
      'Waits.nameless awaits a signal without a name. Give @AwaitSignal a text of 1 to 200 characters.',
      "Waits.otherDelivered (version 1 of 'waits') awaits Delivered, and Waits.delivered (version 1 of 'waits') awaits another class of that name: " +
        'an event for the one would end the wait of the other. Await the same class, or rename the newer one.',
    ]);
  });

  it('R27: has a name that tells it apart in all versions of the saga, and only there', () => {
    @SagaDefinition({ name: 'waits', key: keyOf })
    class First {
      @AwaitEvent(Delivered, { key: keyOf }) delivered() {}
    }
    @SagaDefinition({ name: 'waits', version: 2, key: keyOf })
    class Second extends First {}
    @SagaDefinition({ name: 'waits', version: 3, key: keyOf })
    class Third {
      @AwaitEvent(OtherDelivered, { key: keyOf }) arrived() {}
      @AwaitEvent(ReturnRequested, { key: keyOf }) returned() {}
    }
    @SagaDefinition({ name: 'waits-too', key: keyOf })
    class Other {
      @AwaitEvent(OtherDelivered, { key: keyOf }) delivered() {}
    }
    expect(faultsIn(First, Second, Other)).toEqual([]);
    expect(faultsIn(Second, Other, Third)).toEqual([
      "Third.arrived (version 3 of 'waits') awaits Delivered, and Second.delivered (version 2 of 'waits') awaits another class of that name: " +
        'an event for the one would end the wait of the other. Await the same class, or rename the newer one.',
    ]);
  });
});

describe('R12: limits', () => {
  it('make sense, wherever they stand', () => {
    @SagaDefinition({ name: 'limits', timeout: 'soon' as '1s', retry: { attempts: 0 }, compensationRetry: { delay: -1 } })
    class Limits {
      @SagaStep({ timeout: 0, delay: '1 h' as '1h', retry: { factor: 0.5 } }) async pay() {}
      @Compensate('pay', { timeout: '-1s', retry: { within: '?' as '1s' } }) async refund() {}
      @SagaStep({ kind: 'readonly', each: () => [1], concurrency: 0 }) async look({ item }: SagaContext<unknown, unknown, number>) {
        return item;
      }
    }
    const form = "give milliseconds, or text such as '250ms', '10s', '5m', '2h', '3d'.";
    const nonsense = 'has a limit that makes no sense:';
    expect(faultsIn(Limits)).toEqual([
      `Limits ${nonsense} timeout is "soon"; ${form}`,
      `Limits ${nonsense} retry.attempts is 0; give a whole number from 1, or 'unlimited'.`,
      `Limits ${nonsense} compensationRetry.delay is -1; ${form}`,
      `Limits.pay ${nonsense} timeout is 0, and would always have passed; give at least '1ms'.`,
      `Limits.pay ${nonsense} delay is "1 h"; ${form}`,
      `Limits.pay ${nonsense} retry.factor is 0.5; give a number from 1.`,
      `Limits.look ${nonsense} concurrency is 0; give a whole number from 1.`,
      `Limits.refund ${nonsense} timeout is "-1s"; ${form}`,
      `Limits.refund ${nonsense} retry.within is "?"; ${form}`,
    ]);
  });
});

describe('R12, R31: a child step', () => {
  it('neither waits nor rolls back', () => {
    @SagaDefinition({ name: 'children' })
    class Children {
      @SagaStep({ kind: 'child', transactional: true }) async other() {}
      @AwaitSignal('go', { kind: 'child' }) go() {}
    }
    expect(faultsIn(Children)).toEqual([
      "Children.other is transactional, and of kind: 'child': the child would not roll back with it. Remove transactional.",
      "Children.go waits, and is of kind: 'child'. Let it wait, and run the child in a step of its own after it.",
    ]);
  });
});
