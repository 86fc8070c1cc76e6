import { encodePayload } from '../planning/payload.js';
import { idempotencyKeyOf } from './idempotency-key.js';
import { CompensationContext, SagaContext } from './saga-context.js';
import { createCompensationContext, createStepContext, type StepContextParts } from './step-context.js';
import { StepContextError } from './step-context.error.js';

const { signal } = new AbortController();

const parts: StepContextParts = {
  saga: {
    id: 'saga-1',
    name: 'place-order',
    version: 1,
    key: 'o1',
    input: encodePayload({ orderId: 'o1', at: new Date(0) }, 1_000)!,
    metadata: { tenant: 'acme' },
    startedAt: 0,
    deadlineAt: null,
  },
  step: 'approve',
  attempt: 2,
  idempotencyKey: 'saga-1:approve',
  signal: () => signal,
  results: () => ({ reserve: { reservationId: 'r1' }, notify: { messageId: 'm1' } }),
  dependencies: () => new Set(['reserve', 'bookDhl']),
};

describe('a step context', () => {
  it('is a SagaContext with the facts of the attempt', () => {
    const context = createStepContext({ ...parts, item: { sku: 'tea' } });
    expect(context).toBeInstanceOf(SagaContext);
    expect(Object.assign({}, context)).toEqual({
      sagaId: 'saga-1',
      metadata: { tenant: 'acme' },
      step: 'approve',
      attempt: 2,
      idempotencyKey: 'saga-1:approve',
      signal,
      input: { orderId: 'o1', at: new Date(0) },
      item: { sku: 'tea' },
      results: { reserve: { reservationId: 'r1' }, bookDhl: undefined },
    });
  });

  it('has the getters that all contexts have: of its own, they would keep its saga in memory', () => {
    const getters = [createStepContext(parts), createStepContext({ ...parts, attempt: 3 })].map((context) =>
      Object.values(Object.getOwnPropertyDescriptors(context)).flatMap(({ get }) => get ?? []),
    );
    expect(getters[0]).toHaveLength(4);
    expect(getters[1]).toEqual(getters[0]);
    const { results } = createStepContext(parts);
    expect(Object.getOwnPropertyDescriptor(results, 'reserve')).not.toHaveProperty('get');
  });

  it('R2: reads a value once, and gives each attempt a copy of its own', () => {
    const [first, second] = [createStepContext(parts), createStepContext(parts)];
    expect(first.input).toBe(first.input);
    expect(first.results).toBe(first.results);
    const { reserve } = first.results as { reserve: { reservationId: string } };
    reserve.reservationId = 'changed';
    expect(first.results).toHaveProperty('reserve.reservationId', 'changed');
    expect(second.results).toHaveProperty('reserve.reservationId', 'r1');
  });

  it('R2: results are read in the order of the graph, and cannot be written', () => {
    const results = createStepContext(parts).results as Record<string, unknown>;
    expect(results['bookDhl']).toBeUndefined();
    expect(Object.keys(results)).toEqual(['reserve', 'bookDhl']);
    expect(['reserve' in results, 'notify' in results]).toEqual([true, false]);
    expect(() => (results['reserve'] = 'mine')).toThrow(TypeError);
  });

  it('gives undefined for a dependency that left no result', () => {
    const { results } = createStepContext(parts);
    expect((results as Record<string, unknown>)['bookDhl']).toBeUndefined();
  });

  it('throws where a result is read that the step does not depend on', () => {
    const { results } = createStepContext(parts);
    const read = () => (results as Record<string, unknown>)['notify'];
    expect(read).toThrow(
      new StepContextError("place-order.approve reads results.notify, which it does not depend on. Add after: 'notify'."),
    );
    expect(read).toThrow(
      expect.objectContaining({ code: 'SAGA_RESULT_NOT_DEPENDED_ON', saga: 'place-order', sagaId: 'saga-1', step: 'approve' }),
    );
  });

  it('can be awaited, compared and written as JSON without reading a step by mistake', async () => {
    const context = createStepContext(parts);
    await expect(Promise.resolve(context.results)).resolves.toBe(context.results);
    expect(JSON.stringify(context.results)).toBe('{"reserve":{"reservationId":"r1"}}');
    expect(context.results).toEqual({ reserve: { reservationId: 'r1' } });
  });

  it('is of the step that is undone, in a compensation', () => {
    const reason = { kind: 'cancelled', message: 'changed my mind' } as const;
    const context = createCompensationContext(parts, { outcome: 'unknown', reason, forwardIdempotencyKey: 'saga-1:approve' });
    expect(context).toBeInstanceOf(CompensationContext);
    expect(context).toBeInstanceOf(SagaContext);
    expect(context).toMatchObject({ step: 'approve', outcome: 'unknown', reason, forwardIdempotencyKey: 'saga-1:approve' });
  });
});

describe('an idempotency key', () => {
  it('differs by saga, step, item and direction', () => {
    expect(idempotencyKeyOf('s', { step: 'pay', direction: 'forward' })).toBe('s:pay');
    expect(idempotencyKeyOf('s', { step: 'pay', direction: 'compensation' })).toBe('s:pay:compensation');
    expect(idempotencyKeyOf('s', { step: 'reserve', item: 0, direction: 'forward' })).toBe('s:reserve[0]');
    expect(idempotencyKeyOf('s', { step: 'reserve', item: 0, direction: 'compensation' })).toBe('s:reserve[0]:compensation');
  });
});
