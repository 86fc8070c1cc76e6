import type { Type } from '@nestjs/common';

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

class Delivered {
  constructor(readonly orderId: string) {}
}
const keyOf = ({ orderId }: { orderId: string }): string => orderId;

/** Every fault, with its place. */
function faultsIn(type: Type<object>): readonly string[] {
  return validateSagas([subjectOf(readSaga(type)!)], new Map()).map((fault) => `${placeOf(fault)} ${fault.message}`);
}

describe('R12: a step', () => {
  it('has a stable name of its own', () => {
    @SagaDefinition({ name: 'names' })
    class Names {
      @SagaStep({ kind: 'readonly' }) async onModuleInit() {}
      @SagaStep({ kind: 'readonly' }) async 'two words'() {}
      @SagaStep({ kind: 'readonly' }) async größe() {}
    }
    expect(faultsIn(Names)).toEqual([
      'Names.onModuleInit has a name that is taken. Call the step something else.',
      'Names.two words is no name for a step: it is stored, and part of keys. Use at most 100 letters, digits, _ and $.',
    ]);
  });

  it('is not named then, which is refused before Nest would wait for the saga without end', () => {
    expect(() => {
      class Thenable {
        // oxlint-disable-next-line unicorn/no-thenable -- what this test is about
        async then(): Promise<void> {}
      }
      SagaStep({ kind: 'readonly' })(Thenable.prototype, 'then', Object.getOwnPropertyDescriptor(Thenable.prototype, 'then') ?? {});
    }).toThrow('Thenable.then cannot be a step: it would make the saga a promise. Call it something else.');
  });

  it('is one method of the instance, decorated once', () => {
    @SagaDefinition({ name: 'decorated' })
    class Decorated {
      @SagaStep({ kind: 'readonly' }) static async shared() {}
      @SagaStep({ kind: 'readonly' }) @SagaStep({ kind: 'readonly' }) async twice() {}
      @SagaStep() async pay() {}
      @SagaStep({ kind: 'readonly' }) @Compensate('pay') async refund() {}
    }
    expect(faultsIn(Decorated)).toEqual([
      "Decorated.shared is static, so it belongs to no saga. Remove 'static'.",
      'Decorated.twice has the same decorator twice. Keep one.',
      "Decorated.refund is a step and also compensates 'pay'. Make it two methods.",
    ]);
  });

  it('R23: has former names that lead to it alone', () => {
    @SagaDefinition({ name: 'former' })
    class Former {
      @SagaStep({ kind: 'readonly', was: 'one' }) async one() {}
      @SagaStep({ kind: 'readonly', was: ['one', 'ancient'] }) async two() {}
      @SagaStep({ kind: 'readonly', was: 'ancient' }) async three() {}
    }
    expect(faultsIn(Former)).toEqual([
      "Former.one was: 'one' is its own name. Remove it.",
      "Former.two was: 'one' is the name of another step. Remove it, or rename that step.",
      "Former.three was: 'ancient' is a former name of two already. Keep it on one of them.",
    ]);
  });

  it('comes after steps that there are, and not after itself', () => {
    @SagaDefinition({ name: 'order' })
    class Order {
      // @ts-expect-error no such step
      @SagaStep({ kind: 'readonly', after: 'paid' }) async first() {}
      @SagaStep({ kind: 'readonly', after: 'third' }) async second() {}
      @SagaStep({ kind: 'readonly' }) async third() {}
      @SagaStep({ kind: 'readonly', after: ['own', 'first'] }) async own() {}
      @SagaStep({ kind: 'readonly', after: 'third' }) async last() {}
    }
    expect(faultsIn(Order)).toEqual([
      "Order.first comes after 'paid', which is no step of this saga. Its steps: first, second, third, own, last.",
      'Order.second waits for itself: second after third after second. Remove one of these dependencies.',
      'Order.own waits for itself: own after own. Remove one of these dependencies.',
    ]);
  });
});

describe('R12: the pivot', () => {
  it('is one', () => {
    @SagaDefinition({ name: 'two' })
    class Two {
      @SagaStep({ kind: 'pivot' }) async pay() {}
      @SagaStep({ kind: 'pivot' }) async ship() {}
      @SagaStep() async mail() {}
    }
    expect(faultsIn(Two)).toEqual([
      'Two.ship is a second pivot; pay is one already. A saga has one point of no return: give one of them another kind.',
    ]);
  });

  it('has every other step before it or after it, of a kind that fits', () => {
    @SagaDefinition({ name: 'sides' })
    class Sides {
      @SagaStep({ kind: 'retriable' }) async early() {}
      @SagaStep({ kind: 'pivot' }) async pay() {}
      @SagaStep({ after: [], kind: 'readonly' }) async beside() {}
      @SagaStep({ after: 'pay', kind: 'compensatable' }) async late() {}
      @Compensate('late') async undoLate() {}
    }
    expect(faultsIn(Sides)).toEqual([
      "Sides.early is retriable, but no pivot stands before it. Add after: 'pay', or give it another kind.",
      "Sides.beside is neither before the pivot pay nor after it. Add after: 'pay', or name it in the after of pay.",
      'Sides.late is compensatable, but comes after the pivot pay, and nothing is undone past it. Make it retriable, or move it before.',
    ]);
  });

  it('is marked, where a step is retriable', () => {
    @SagaDefinition({ name: 'unmarked' })
    class Unmarked {
      @SagaStep({ kind: 'retriable' }) async notify() {}
    }
    expect(faultsIn(Unmarked)).toEqual([
      "Unmarked.notify is retriable, but no pivot stands before it. Mark one: @SagaStep({ kind: 'pivot' }).",
    ]);
  });

  it('neither fans out nor goes on refused', () => {
    @SagaDefinition({ name: 'options' })
    class Options {
      @SagaStep({ kind: 'pivot', each: () => ['a'], onRejected: 'continue' })
      async pay({ item }: SagaContext<unknown, unknown, string>): Promise<string | undefined> {
        return item;
      }
    }
    expect(faultsIn(Options)).toEqual([
      'Options.pay is the pivot and fans out: there would be a point of no return for each item. Remove each.',
      "Options.pay is the pivot with onRejected: 'continue': refused, the saga could neither go on nor be undone. Remove onRejected.",
    ]);
  });

  it('is followed by no wait that fails', () => {
    @SagaDefinition({ name: 'waits', key: keyOf })
    class Waits {
      @AwaitSignal('early', { timeout: '1d' }) early() {}
      @SagaStep({ kind: 'pivot' }) async pay() {}
      @AwaitSignal('late', { timeout: '1d' }) late() {}
      @AwaitSignal('says', { onTimeout: 'fail' }) says() {}
      @AwaitSignal('endless') endless() {}
      @AwaitEvent(Delivered, { key: keyOf, timeout: '1d', onTimeout: 'continue' }) delivered() {}
    }
    expect(faultsIn(Waits)).toEqual([
      "Waits.late fails on timeout, but comes after the pivot pay, where nothing may fail. Add onTimeout: 'continue', or remove timeout.",
      "Waits.says fails on timeout, but comes after the pivot pay, where nothing may fail. Add onTimeout: 'continue', or remove timeout.",
    ]);
  });
});

describe('R12: a compensation', () => {
  it('is there for each compensatable step', () => {
    @SagaDefinition({ name: 'bare' })
    class Bare {
      @SagaStep() async reserveStock() {}
      @SagaStep({ kind: 'compensatable' }) async charge() {}
      @AwaitSignal('go') go() {}
    }
    expect(faultsIn(Bare)).toEqual([
      "Bare.reserveStock has no compensation. Add @Compensate('reserveStock'), or kind: 'readonly' if it changes nothing.",
      "Bare.charge has no compensation. Add @Compensate('charge'), or kind: 'readonly' if it changes nothing.",
    ]);
  });

  it('is one, of a step that there is', () => {
    @SagaDefinition({ name: 'wrong' })
    class Wrong {
      @SagaStep() async pay() {}
      @Compensate('pay') async refund() {}
      @Compensate('pay') async refundAgain() {}
      // @ts-expect-error no such step
      @Compensate('payy') async misspelt() {}
    }
    expect(faultsIn(Wrong)).toEqual([
      "Wrong.refundAgain compensates 'pay', which refund compensates already. Keep one of them.",
      "Wrong.misspelt compensates 'payy', which is no step of this saga. Its steps: pay.",
    ]);
  });

  it('is of a step that can be undone', () => {
    @SagaDefinition({ name: 'idle' })
    class Idle {
      @SagaStep({ kind: 'child' }) async other() {}
      @Compensate('other') async undoOther() {}
      @SagaStep({ kind: 'readonly' }) async look() {}
      @Compensate('look') async unlook() {}
      @SagaStep({ kind: 'pivot' }) async pay() {}
      @Compensate('pay') async refund() {}
      @SagaStep() async notify() {}
      @Compensate('notify') async unsay() {}
    }
    expect(faultsIn(Idle)).toEqual([
      "Idle.undoOther compensates 'other', a child saga, which undoes itself. Remove it.",
      "Idle.unlook compensates 'look', which is readonly and leaves nothing to undo. Remove it, or say kind: 'compensatable'.",
      "Idle.refund compensates 'pay', the pivot, which is never undone. Remove it.",
      "Idle.unsay compensates 'notify', which comes after the pivot and is never undone. Remove it, or move the step before the pivot.",
    ]);
  });
});
