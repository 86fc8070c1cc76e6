import { Compensate, SagaClient, SagaCompensatedError, SagaContext, SagaDefinition, SagaStep, StepRejected } from 'nestjs-sagas';

import { describeStory, errorOf, type StoryStore, told } from '../support/saga-app.js';
import { World } from '../support/world.js';

interface Order {
  readonly orderId: string;
  readonly placedAt: Date;
  readonly note?: string | undefined;
}

/** Each step looks at its own saga before it does anything. */
@SagaDefinition<{ orderId: string }>({ name: 'look-back' })
class LookBackSaga {
  constructor(
    private readonly sagas: SagaClient,
    private readonly world: World,
  ) {}

  @SagaStep()
  async reserve(context: SagaContext<{ orderId: string }>) {
    await this.writeDownWhatIsKnown(context);
    return { reservationId: 'r-1' };
  }

  @Compensate('reserve')
  async release(context: SagaContext<{ orderId: string }>) {
    await this.writeDownWhatIsKnown(context);
  }

  @SagaStep({ kind: 'readonly' })
  async approve(context: SagaContext<{ orderId: string }>) {
    await this.writeDownWhatIsKnown(context);
    throw new StepRejected('NOT_APPROVED');
  }

  private async writeDownWhatIsKnown({ sagaId }: SagaContext): Promise<void> {
    this.world.did((await told(this.sagas.get(sagaId))).at(-1) ?? 'nothing');
  }
}

@SagaDefinition<Order>({ name: 'stored-forms' })
class StoredFormsSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ kind: 'readonly' })
  async quote({ input }: SagaContext<Order, StoredFormsSaga>) {
    this.world.did(`the input's date is a date: ${input.placedAt instanceof Date && input.placedAt.toISOString()}`);
    this.world.did(`the input has a note: ${'note' in input}`);
    return { lines: [{ sku: 'apple', cents: 100 }], validUntil: new Date('2026-02-01T00:00:00.000Z'), discount: undefined };
  }

  @SagaStep({ kind: 'readonly' })
  async spoil({ input, results, metadata }: SagaContext<Order, StoredFormsSaga>) {
    results.quote.lines[0]!.cents = 0;
    results.quote.lines.push({ sku: 'pear', cents: 1 });
    Object.assign(input, { orderId: 'spoilt' });
    Object.assign(metadata, { tenant: 'spoilt' });
  }

  @SagaStep({ kind: 'readonly' })
  async charge({ input, results, metadata }: SagaContext<Order, StoredFormsSaga>) {
    const { quote } = results;
    return {
      orderId: input.orderId,
      tenant: metadata['tenant'],
      lines: quote.lines,
      isDate: quote.validUntil instanceof Date,
      hasDiscount: 'discount' in quote,
    };
  }
}

export function tellDurableBeforeActing(store: StoryStore): void {
  describeStory('what is durable before anything is done', store, ({ boot, world, survives }) => {
    it('R1: the intent stands in the journal before a step or a compensation is called', async () => {
      const app = await boot({ sagas: [LookBackSaga] });
      const saga = await app.sagas.start(LookBackSaga, { orderId: 'o-1' });
      await errorOf(saga.result(), SagaCompensatedError);
      expect(world().deeds).toEqual(['reserve starts', 'approve starts', 'undo reserve starts']);
    });

    survives(
      'R2: a step sees what is stored: dates are dates, what was undefined is gone, and nobody spoils it for others',
      [StoredFormsSaga],
      async (app) => {
        const placedAt = new Date('2026-01-01T12:00:00.000Z');
        const saga = await app.sagas.start(
          StoredFormsSaga,
          { orderId: 'o-1', placedAt, note: undefined },
          { metadata: { tenant: 'acme' } },
        );
        const results = await saga.result();
        expect(world().deeds.slice(0, 2)).toEqual(["the input's date is a date: 2026-01-01T12:00:00.000Z", 'the input has a note: false']);
        expect(results.charge).toEqual({
          orderId: 'o-1',
          tenant: 'acme',
          lines: [{ sku: 'apple', cents: 100 }],
          isDate: true,
          hasDiscount: false,
        });
        expect(results.quote).toEqual({ lines: [{ sku: 'apple', cents: 100 }], validUntil: new Date('2026-02-01T00:00:00.000Z') });
        expect((await saga.view()).metadata).toEqual({ tenant: 'acme' });
      },
    );

    survives(
      'R2: what the caller changes in its input and metadata after the start changes nothing in the saga',
      [StoredFormsSaga],
      async (app) => {
        const order = { orderId: 'o-1', placedAt: new Date('2026-01-01T12:00:00.000Z') };
        const metadata = { tenant: 'acme' };
        const saga = await app.sagas.start(StoredFormsSaga, order, { metadata });
        Object.assign(order, { orderId: 'changed' });
        Object.assign(metadata, { tenant: 'changed' });
        expect((await saga.result()).charge).toMatchObject({ orderId: 'o-1', tenant: 'acme' });
      },
    );
  });
}
