import { AwaitEvent } from './await-event.decorator.js';
import { AwaitSignal } from './await-signal.decorator.js';
import { Compensate } from './compensate.decorator.js';
import { CompensationContext, SagaContext } from './saga-context.js';
import { SagaDefinition } from './saga-definition.decorator.js';
import { readSaga } from './saga-metadata.accessor.js';
import { SagaStep } from './saga-step.decorator.js';
import { defineSignal } from './signal.js';

class Delivered {
  constructor(readonly orderId: string) {}
}

class OrderSteps {
  @SagaStep() async reserve() {}
  @Compensate('reserve') async release() {}
  @SagaStep() async authorize() {}
  @Compensate('authorize') async voidAuthorization() {}
}

describe('the metadata of a saga', () => {
  it('R7: keeps the order of the class', () => {
    @SagaDefinition({ name: 'trip' })
    class TripSaga {
      @SagaStep() async zebra() {}
      @Compensate('zebra') async undoZebra() {}
      @SagaStep() async aardvark() {}
      @AwaitEvent(Delivered, { key: ({ orderId }) => orderId }) delivered(_: SagaContext, { orderId }: Delivered) {
        return orderId;
      }
      @AwaitSignal(defineSignal('approve')) approved() {}
    }
    expect(readSaga(TripSaga)).toMatchObject({
      type: TripSaga,
      options: { name: 'trip' },
      steps: [
        { method: 'zebra', via: 'call' },
        { method: 'aardvark', via: 'call' },
        { method: 'delivered', via: 'event', event: Delivered },
        { method: 'approved', via: 'signal', signal: 'approve' },
      ],
      compensations: [{ method: 'undoZebra', step: 'zebra' }],
    });
  });

  it('R7: inherited steps come first, and an overriding method keeps the place of the base, decorated again or not', () => {
    @SagaDefinition({ name: 'express' })
    class ExpressSaga extends OrderSteps {
      @SagaStep() async courier() {}
      @SagaStep({ timeout: '5s' }) override async authorize() {}
      override async reserve() {}
      @Compensate('reserve', { onUnknown: 'skip' }) override async release() {}
    }
    const metadata = readSaga(ExpressSaga);
    expect(metadata?.steps.map(({ method }) => method)).toEqual(['reserve', 'authorize', 'courier']);
    expect(metadata?.steps[1]?.options).toEqual({ timeout: '5s' });
    expect(metadata?.compensations.map(({ method }) => method)).toEqual(['release', 'voidAuthorization']);
    expect(metadata?.compensations[0]?.options).toEqual({ onUnknown: 'skip' });
  });

  it('R7: a subclass leaves its base as it was', () => {
    @SagaDefinition({ name: 'base' })
    class BaseSaga extends OrderSteps {}
    class Special extends BaseSaga {
      @SagaStep() async gift() {}
    }
    expect(readSaga(BaseSaga)?.steps).toHaveLength(2);
    expect(readSaga(Special)).toBeUndefined();
  });

  it('is none without @SagaDefinition', () => {
    expect(readSaga(OrderSteps)).toBeUndefined();
  });

  it('leaves methods that tell nothing of sagas alone', () => {
    @SagaDefinition({ name: 'plain' })
    class PlainSaga {
      @SagaStep() async pay() {}
      @Compensate('pay') refund({ reason }: CompensationContext) {
        return reason.message;
      }
      async other() {}
    }
    expect(readSaga(PlainSaga)).toMatchObject({ steps: [{ method: 'pay' }], compensations: [{ method: 'refund' }] });
  });
});
