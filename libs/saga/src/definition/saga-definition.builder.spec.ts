import type { Type } from '@nestjs/common';
import { Command } from '@nestjs/cqrs';

import type { SagaInstance, StepDefinition, StepScope } from '../planning/definition.js';
import { Compensate } from './compensate.decorator.js';
import type { RegisteredSaga } from './registered-saga.js';
import { SagaContext } from './saga-context.js';
import { buildSaga, type DefinitionDefaults } from './saga-definition.builder.js';
import { SagaDefinition } from './saga-definition.decorator.js';
import { readSaga } from './saga-metadata.accessor.js';
import { SagaStep } from './saga-step.decorator.js';
import { on } from './start-rule.js';
import { makeStepGraph } from './step-graph.js';

interface Line {
  sku: string;
}
class PlaceOrder extends Command<string> {
  constructor(
    readonly orderId: string,
    readonly lines: Line[] = [],
  ) {
    super();
  }
}
class CartPaid {
  constructor(readonly cartId: string) {}
}
type Ctx = SagaContext<PlaceOrder, PlaceOrderSaga>;

@SagaDefinition({
  name: 'place-order',
  startedBy: [PlaceOrder, on(CartPaid, ({ cartId }) => new PlaceOrder(cartId))],
  key: ({ orderId }) => orderId,
  timeout: '15m',
  retry: { attempts: 3, delay: '1s' },
  compensationRetry: { delay: '2s' },
})
class PlaceOrderSaga {
  @SagaStep({ transactional: true }) async create() {
    return { number: 7 };
  }
  @Compensate('create', { onUnknown: 'skip', timeout: '1s' }) async reject() {}

  @SagaStep({ each: ({ input }: Ctx) => input.lines, concurrency: 2, kind: 'readonly' })
  async reserve({ item }: SagaContext<PlaceOrder, PlaceOrderSaga, Line>) {
    return item.sku;
  }
  @SagaStep({ after: ['create'], when: ({ results }: Ctx) => results.create.number > 6, retry: { attempts: 2, within: '1m' }, was: 'pay' })
  async authorize(): Promise<{ id: string } | undefined> {
    return { id: 'a' };
  }
  @Compensate('authorize', { transactional: true, retry: { attempts: 9 } }) async voidIt() {}
  @SagaStep({ after: ['reserve', 'authorize'], kind: 'pivot', idempotent: false, timeout: '5s' }) async capture() {}
  @SagaStep({ delay: '1m', onRejected: 'continue' }) async approve() {}
  @SagaStep({ retry: { attempts: 4, within: '1h' } }) async notify() {}
}

function build(type: Type<object>, defaults: DefinitionDefaults = {}): RegisteredSaga {
  const metadata = readSaga(type);
  if (metadata === undefined) throw new TypeError(`${type.name} is no saga`);
  return buildSaga(metadata, makeStepGraph(metadata.steps), defaults);
}

function stepOf({ definition }: RegisteredSaga, name: string): StepDefinition {
  return definition.steps.find((step) => step.name === name)!;
}

const saga: SagaInstance = {
  id: 's1',
  name: 'place-order',
  version: 1,
  key: null,
  input: { orderId: 'o1', lines: [{ sku: 'tea' }] },
  metadata: {},
  startedAt: 0,
  deadlineAt: null,
};
const scope = (step: string, results: StepScope['results'] = {}): StepScope => ({ saga, step, results });

describe('a built definition', () => {
  const built = build(PlaceOrderSaga);

  it('R7: has the steps in the order of the class, each after the one above it or as written', () => {
    expect(built.definition.steps.map(({ name, after }) => [name, after])).toEqual([
      ['create', []],
      ['reserve', ['create']],
      ['authorize', ['create']],
      ['capture', ['reserve', 'authorize']],
      ['approve', ['capture']],
      ['notify', ['approve']],
    ]);
  });

  it('R12: leaves a kind out as compensatable before the pivot, retriable after it', () => {
    expect(built.definition.steps.map(({ kind }) => kind)).toEqual([
      'compensatable',
      'readonly',
      'compensatable',
      'pivot',
      'retriable',
      'retriable',
    ]);
  });

  it('R9, R11: fills a retry policy from step, saga, module and defaults; past the pivot without limit', () => {
    const { retry } = stepOf(built, 'authorize');
    expect(retry).toEqual({ attempts: 2, delayMs: 1_000, factor: 2, maxDelayMs: 30_000, jitter: 'full', withinMs: 60_000 });
    expect(stepOf(built, 'capture').retry).toMatchObject({ attempts: 3, delayMs: 1_000 });
    expect(stepOf(built, 'approve').retry).toMatchObject({ attempts: Infinity, withinMs: Infinity, maxDelayMs: 30_000 });
    expect(stepOf(built, 'notify').retry).toMatchObject({ attempts: 4, withinMs: 3_600_000 });
    expect(stepOf(build(PlaceOrderSaga, { retry: { attempts: 8, factor: 3 } }), 'create').retry).toMatchObject({ attempts: 3, factor: 3 });
  });

  it('R15, R34: gives compensations a policy of their own, and a limit for one attempt', () => {
    expect(stepOf(built, 'create').compensation).toEqual({
      retry: { attempts: Infinity, delayMs: 2_000, factor: 2, maxDelayMs: 300_000, jitter: 'full', withinMs: 86_400_000 },
      timeoutMs: 1_000,
      onUnknown: 'skip',
      transactional: true,
    });
    expect(stepOf(built, 'authorize').compensation).toMatchObject({
      retry: { attempts: 9 },
      timeoutMs: 30_000,
      onUnknown: 'compensate',
      transactional: true,
    });
    expect(stepOf(built, 'capture').compensation).toBeNull();
  });

  it('R34: has the defaults, unless the module, the saga or the step says otherwise', () => {
    expect(built.definition).toMatchObject({ version: 1, timeoutMs: 900_000, maxPayload: 262_144, alertAfter: 5, crashLimit: 5 });
    expect(stepOf(built, 'create')).toMatchObject({
      timeoutMs: 30_000,
      delayMs: 0,
      transactional: true,
      idempotent: true,
      onRejected: 'unwind',
      was: [],
    });
    expect(stepOf(built, 'reserve')).toMatchObject({ concurrency: 2, transactional: false });
    expect(stepOf(built, 'authorize')).toMatchObject({ was: ['pay'], concurrency: Infinity });
    expect(stepOf(built, 'capture')).toMatchObject({ timeoutMs: 5_000, idempotent: false });
    expect(stepOf(built, 'approve')).toMatchObject({ delayMs: 60_000, onRejected: 'continue' });
    const other = build(PlaceOrderSaga, { stepTimeout: '3s', maxPayload: 10, alertAfter: 1, crashLimit: 2 });
    expect(other.definition).toMatchObject({ maxPayload: 10, alertAfter: 1, crashLimit: 2 });
    expect(stepOf(other, 'create').timeoutMs).toBe(3_000);
  });

  it('R8: asks when and each with a context of decoded values', () => {
    const { when } = stepOf(built, 'authorize');
    expect(when?.(scope('authorize', { create: { number: 7 } }))).toBe(true);
    expect(when?.(scope('authorize', { create: { number: 6 } }))).toBe(false);
    expect(stepOf(built, 'reserve').each?.(scope('reserve'))).toEqual([{ sku: 'tea' }]);
  });

  it('R8: refuses conditions that read what the step does not depend on, and answers of another form', () => {
    @SagaDefinition({ name: 'hasty' })
    class HastySaga {
      @SagaStep({ kind: 'readonly' }) async look() {}
      @SagaStep({ after: [], kind: 'readonly', when: ({ results }: SagaContext<unknown, any>) => results['look'] === 1 }) async early() {}
      @SagaStep({ kind: 'readonly', when: (async () => true) as never }) async later() {}
      @SagaStep({ kind: 'readonly', each: (() => 'abc') as unknown as () => string[] }) async letters({
        item,
      }: SagaContext<unknown, unknown, string>) {
        return item;
      }
    }
    const hasty = build(HastySaga);
    expect(() => stepOf(hasty, 'early').when?.(scope('early', { look: 1 }))).toThrow(
      "place-order.early reads results.look, which it does not depend on. Add after: 'look'.",
    );
    expect(() => stepOf(hasty, 'later').when?.(scope('later'))).toThrow('when returned a promise');
    expect(() => stepOf(hasty, 'letters').each?.(scope('letters'))).toThrow('each returned no list');
  });

  it('names the methods to call, and what starts the saga', () => {
    expect(built.methods.get('create')).toEqual({ action: 'create', compensation: 'reject' });
    expect(built.methods.get('capture')).toEqual({ action: 'capture' });
    expect(built.startRules).toMatchObject([
      { message: PlaceOrder, kind: 'command' },
      { message: CartPaid, kind: 'event' },
    ]);
    const order = new PlaceOrder('1');
    expect(built.startRules[0]?.inputOf(order)).toBe(order);
    expect(built.startRules[1]?.inputOf(new CartPaid('c'))).toMatchObject({ orderId: 'c' });
    expect(built.key?.({ orderId: 'o1' })).toBe('o1');
  });
});

describe('the hash of a graph', () => {
  @SagaDefinition({ name: 'a' })
  class Before {
    @SagaStep({ after: [], kind: 'readonly' }) async one() {}
    @SagaStep({ after: [], kind: 'readonly' }) async two() {}
    @SagaStep({ after: ['one', 'two'], kind: 'pivot' }) async pay() {}
  }
  const hashOf = (type: Type<object>): string => build(type).definition.hash;

  it('R23: is the same whatever the order of methods, options apart', () => {
    @SagaDefinition({ name: 'b' })
    class Same {
      @SagaStep({ after: [], kind: 'readonly', timeout: '1s' }) async two() {}
      @SagaStep({ after: [], kind: 'readonly' }) async one() {}
      @SagaStep({ after: ['two', 'one'], kind: 'pivot' }) async pay() {}
    }
    expect(hashOf(Same)).toBe(hashOf(Before));
  });

  it('R23: changes with a dependency', () => {
    @SagaDefinition({ name: 'c' })
    class Other {
      @SagaStep({ after: [], kind: 'readonly' }) async one() {}
      @SagaStep({ kind: 'readonly' }) async two() {}
      @SagaStep({ after: ['one', 'two'], kind: 'pivot' }) async pay() {}
    }
    expect(hashOf(Other)).not.toBe(hashOf(Before));
  });
});
