import type { Type } from '@nestjs/common';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type as ark } from 'arktype';
import { SagaContext, SagaDefinition, SagaInputError, SagaStep } from 'nestjs-sagas';
import * as v from 'valibot';
import { z } from 'zod';

import { describeStory, errorOf, type StoryStore } from '../support/saga-app.js';

interface Order {
  readonly orderId: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
}

abstract class OrderSaga {
  @SagaStep({ kind: 'readonly' })
  async take({ input }: SagaContext<Order>) {
    return input.orderId;
  }
}
const key = ({ orderId }: Order): string => orderId;

@SagaDefinition({
  name: 'by-zod',
  key,
  input: z.object({
    orderId: z.string().trim().min(1),
    lines: z.array(z.object({ sku: z.string(), quantity: z.number().int().positive() })),
  }),
})
class ByZod extends OrderSaga {}

@SagaDefinition({
  name: 'by-valibot',
  key,
  input: v.object({
    orderId: v.pipe(v.string(), v.trim(), v.minLength(1)),
    lines: v.array(v.object({ sku: v.string(), quantity: v.pipe(v.number(), v.integer(), v.minValue(1)) })),
  }),
})
class ByValibot extends OrderSaga {}

@SagaDefinition({
  name: 'by-arktype',
  key,
  input: ark({ orderId: 'string.trim |> string >= 1', lines: ark({ sku: 'string', quantity: 'number.integer > 0' }).array() }),
})
class ByArktype extends OrderSaga {}

/** Who asks somebody else whether there is such a thing. */
const isKnown = async (sku: string): Promise<boolean> => Promise.resolve(sku !== 'unicorn');

@SagaDefinition({
  name: 'by-zod-async',
  input: z.object({
    orderId: z.string(),
    lines: z.array(z.object({ sku: z.string().refine(isKnown, 'no such thing'), quantity: z.number() })),
  }),
})
class ByZodAsync extends OrderSaga {}

@SagaDefinition({
  name: 'by-valibot-async',
  input: v.objectAsync({
    orderId: v.string(),
    lines: v.arrayAsync(v.objectAsync({ sku: v.pipeAsync(v.string(), v.checkAsync(isKnown, 'no such thing')), quantity: v.number() })),
  }),
})
class ByValibotAsync extends OrderSaga {}

/** By hand, as any library may: a path of keys and of segments, and an issue of the whole. */
const byHand: StandardSchemaV1<unknown, Order> = {
  '~standard': {
    version: 1,
    vendor: 'by-hand',
    validate: async (value) => {
      const { lines } = value as Order;
      if (lines.length === 0) return { issues: [{ message: 'is empty' }] };
      if (await isKnown(lines[0]?.sku ?? '')) return { value: { orderId: 'given by the schema', lines } };
      return { issues: [{ message: 'no such thing', path: ['lines', { key: 0 }, { key: 'sku' }] }] };
    },
  },
};

@SagaDefinition({ name: 'by-hand', input: byHand })
class ByHand extends OrderSaga {}

@SagaDefinition<{ readonly at: Date }>({ name: 'dated', input: z.object({ at: z.coerce.date() }) })
class DatedSaga {
  @SagaStep({ kind: 'readonly' })
  async look({ input }: SagaContext<{ readonly at: Date }>) {
    return input.at.getUTCFullYear();
  }
}

export function tellInputSchemas(store: StoryStore): void {
  describeStory('input by any Standard Schema', store, ({ boot }) => {
    const lines = [
      { sku: 'tea', quantity: 2 },
      { sku: 'cup', quantity: 1 },
    ];

    it.each<[string, Type<OrderSaga>]>([
      ['zod', ByZod],
      ['valibot', ByValibot],
      ['arktype', ByArktype],
    ])('%s: what it makes of the input is stored, and is what key and steps see', async (_, type) => {
      const app = await boot({ sagas: [type] });
      const saga = await app.sagas.start(type, { orderId: '  o-1 ', lines });
      expect(await saga.result()).toEqual({ take: 'o-1' });
      expect(await saga.view()).toMatchObject({ key: 'o-1', input: { orderId: 'o-1', lines } });
      // So the same order is the same saga, however it was written.
      expect(await app.sagas.start(type, { orderId: 'o-1', lines })).toMatchObject({ id: saga.id, created: false });
    });

    it.each<[string, Type<OrderSaga>]>([
      ['zod', ByZod],
      ['valibot', ByValibot],
      ['arktype', ByArktype],
    ])('%s: an input that it refuses is an error with the path of each fault, and starts nothing', async (_, type) => {
      const app = await boot({ sagas: [type] });
      const wrong = { orderId: ' ', lines: [lines[0], { sku: 'cup', quantity: 0.5 }] } as Order;
      const error = await errorOf(app.sagas.start(type, wrong), SagaInputError);
      expect(new Set(error.issues.map(({ path }) => path))).toEqual(new Set(['orderId', 'lines.1.quantity']));
      for (const { path, message } of error.issues) expect(error.message).toContain(`${path}: ${message}`);
      expect((await app.sagas.find()).items).toEqual([]);
    });

    it.each<[string, Type<OrderSaga>]>([
      ['zod', ByZodAsync],
      ['valibot', ByValibotAsync],
      ['a schema by hand', ByHand],
    ])('%s may take its time: nothing is recorded before it has answered', async (_, type) => {
      const app = await boot({ sagas: [type] });
      const unknown = { orderId: 'o-1', lines: [{ sku: 'unicorn', quantity: 1 }] };
      const error = await errorOf(app.sagas.start(type, unknown), SagaInputError);
      expect(error.issues).toEqual([{ path: 'lines.0.sku', message: 'no such thing' }]);
      expect((await app.sagas.find()).items).toEqual([]);
      await (await app.sagas.start(type, { orderId: 'o-1', lines })).result();
    });

    it('a fault of the whole input has an empty path, and the message says so', async () => {
      const app = await boot({ sagas: [ByHand] });
      const error = await errorOf(app.sagas.start(ByHand, { orderId: 'o-1', lines: [] }), SagaInputError);
      expect(error.issues).toEqual([{ path: '', message: 'is empty' }]);
      expect(error.message).toBe('by-hand was not started, its input is refused: input: is empty');
      const saga = await app.sagas.start(ByHand, { orderId: 'o-1', lines });
      expect(await saga.result()).toEqual({ take: 'given by the schema' });
    });

    it('a text that the schema makes a date is stored, and read, as a date', async () => {
      const app = await boot({ sagas: [DatedSaga] });
      const saga = await app.sagas.start(DatedSaga, { at: '2026-01-01T00:00:00.000Z' as unknown as Date });
      expect(await saga.result()).toEqual({ look: 2026 });
      expect((await saga.view()).input).toEqual({ at: new Date('2026-01-01T00:00:00.000Z') });
    });
  });
}
