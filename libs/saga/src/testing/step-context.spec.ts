import { CompensationContext, SagaContext } from '../definition/saga-context.js';
import { compensationContext, stepContext } from '../testing.js';

class Trip {
  async flight({ input, attempt, idempotencyKey }: SagaContext<{ to: string }>) {
    return { pnr: `${input.to}-${attempt}`, idempotencyKey };
  }
  async car({ results }: SagaContext<{ to: string }, Trip>): Promise<{ plate: string } | undefined> {
    return { plate: results.flight.pnr };
  }
  async cancelCar({ outcome, reason, forwardIdempotencyKey, idempotencyKey }: CompensationContext) {
    return { outcome, kind: reason.kind, forwardIdempotencyKey, idempotencyKey };
  }
}

const trip = new Trip();

describe('a context made by a test', () => {
  it('has what is given, and plain defaults for the rest', async () => {
    await expect(trip.flight(stepContext({ input: { to: 'Rome' } }))).resolves.toEqual({ pnr: 'Rome-1', idempotencyKey: 'saga-1:step' });
    const context = stepContext({ sagaId: 's', step: 'flight', attempt: 3 });
    expect(context).toBeInstanceOf(SagaContext);
    expect(context).toMatchObject({ sagaId: 's', step: 'flight', attempt: 3, idempotencyKey: 's:flight', metadata: {}, input: {} });
    expect(context.signal.aborted).toBe(false);
  });

  it('gives results, and says which one is missing', async () => {
    const flight = { pnr: 'x', idempotencyKey: 'k' };
    await expect(trip.car(stepContext({ results: { flight } }))).resolves.toEqual({ plate: 'x' });
    await expect(trip.car(stepContext({}))).rejects.toThrow(
      'results.flight is read here, but was not given. Add results: { flight: … }; undefined for a step without result.',
    );
  });

  it('gives undefined for a result that is given as undefined', () => {
    const { results } = stepContext<SagaContext<unknown, Trip>>({ results: { car: undefined } });
    expect(results.car).toBeUndefined();
  });

  it('is a compensation context too', async () => {
    await expect(trip.cancelCar(compensationContext({ outcome: 'unknown' }))).resolves.toEqual({
      outcome: 'unknown',
      kind: 'cancelled',
      forwardIdempotencyKey: 'saga-1:step',
      idempotencyKey: 'saga-1:step:compensation',
    });
    expect(compensationContext({})).toBeInstanceOf(CompensationContext);
  });
});
