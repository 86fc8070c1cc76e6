import type { SagaClient, SagaContext } from 'nestjs-sagas';

import type { CrashSaga, CrashScenario } from './crash-points.js';
import type { Deeds } from './deeds.js';

/** A saga of a scenario: what its steps do outside is their idempotency key. */
export abstract class Doing {
  constructor(
    protected readonly deeds: Deeds,
    protected readonly sagas: SagaClient,
  ) {}

  protected async do(context: SagaContext): Promise<string> {
    await this.deeds.do(context);
    return `${context.step} done`;
  }
}

type DoingType<S> = new (deeds: Deeds, sagas: SagaClient) => S;

export const madeOf = <S extends object>(saga: DoingType<S>): CrashSaga<S> => ({ saga, make: (deeds, sagas) => new saga(deeds, sagas) });

export const scenario = <S extends object>(
  title: string,
  saga: DoingType<S>,
  rest: Omit<CrashScenario, 'title' | keyof CrashSaga> = {},
): CrashScenario<S> => ({ title, ...madeOf(saga), ...rest });
