import { SagaConflictError, SagaContext, SagaDefinition, SagaInputError, SagaStep } from 'nestjs-sagas';
import { z } from 'zod';

import { describeStory, errorOf, type StoryStore } from '../support/saga-app.js';
import { World } from '../support/world.js';

interface Order {
  readonly orderId: string;
  readonly cents: number;
}

@SagaDefinition<Order>({ name: 'order', key: ({ orderId }) => orderId })
class OrderSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ kind: 'readonly' })
  async work({ input }: SagaContext<Order>) {
    this.world.did(`work on ${input.orderId}`);
    return input.cents;
  }
}

const Booking = z.object({ guests: z.number().int().positive(), rooms: z.array(z.object({ beds: z.number() })) });

@SagaDefinition({ name: 'booking', input: Booking })
class BookingSaga {
  @SagaStep({ kind: 'readonly' })
  async book({ input }: SagaContext<z.infer<typeof Booking>>) {
    return input;
  }
}

export function tellStartingTwice(store: StoryStore): void {
  describeStory('starting twice', store, ({ boot, world }) => {
    it('R6: the same key with the same input finds the first saga, whatever the order of its properties', async () => {
      const app = await boot({ sagas: [OrderSaga] });
      const first = await app.sagas.start(OrderSaga, { orderId: 'o-1', cents: 5 });
      await first.result();
      const second = await app.sagas.start(OrderSaga, { cents: 5, orderId: 'o-1' });
      expect([first.created, second.created, second.id]).toEqual([true, false, first.id]);
      expect(await second.result()).toEqual({ work: 5 });
      expect(world().deeds).toEqual(['work on o-1']);
    });

    it('R6: the same key with another input is a conflict that names the saga', async () => {
      const app = await boot({ sagas: [OrderSaga] });
      const first = await app.sagas.start(OrderSaga, { orderId: 'o-1', cents: 5 });
      const conflict = await errorOf(app.sagas.start(OrderSaga, { orderId: 'o-1', cents: 6 }), SagaConflictError);
      expect(conflict).toMatchObject({ code: 'SAGA_CONFLICT', saga: 'order', sagaId: first.id });
      expect(conflict.message).toBe(
        `order was started with key 'o-1' before, and with another input (saga ${first.id}). Use another key, or the same input.`,
      );
      await first.result();
      expect(world().deeds).toEqual(['work on o-1']);
    });

    it('R6: two starts race, and eight more: one key gives one saga, and all callers its id', async () => {
      const app = await boot({ sagas: [OrderSaga] });
      const handles = await Promise.all(Array.from({ length: 10 }, async () => app.sagas.start(OrderSaga, { orderId: 'o-1', cents: 5 })));
      expect(new Set(handles.map(({ id }) => id)).size).toBe(1);
      expect(handles.filter(({ created }) => created)).toHaveLength(1);
      await handles[0]?.result();
      expect(world().deeds).toEqual(['work on o-1']);
    });

    it('R6: a key given at the start stands for that of the definition, and findByKey finds it', async () => {
      const app = await boot({ sagas: [OrderSaga] });
      const saga = await app.sagas.start(OrderSaga, { orderId: 'o-1', cents: 5 }, { key: 'my own' });
      expect((await app.sagas.findByKey(OrderSaga, 'my own'))?.id).toBe(saga.id);
      expect(await app.sagas.findByKey(OrderSaga, 'o-1')).toBeNull();
    });

    it('R5: an input that its schema refuses is refused before anything is recorded, with the path of each fault', async () => {
      const app = await boot({ sagas: [BookingSaga] });
      const refused = await errorOf(app.sagas.start(BookingSaga, { guests: 0, rooms: [{ beds: 'two' as never }] }), SagaInputError);
      expect(refused.issues.map(({ path }) => path)).toEqual(['guests', 'rooms.0.beds']);
      expect(refused.message).toMatch(/^booking was not started, its input is refused: guests: .*; rooms\.0\.beds: /);
      expect((await app.sagas.find()).items).toEqual([]);
      expect(await (await app.sagas.start(BookingSaga, { guests: 2, rooms: [] })).result()).toEqual({ book: { guests: 2, rooms: [] } });
    });
  });
}
