import { Compensate, CompensationContext, SagaContext, SagaDefinition, SagaStep, StepRejected } from 'nestjs-sagas';

import { type CrashScenario, crashPointsOf, runScenario } from './crash-points.js';
import type { Ending } from './ending.js';
import type { Deeds } from './deeds.js';
import { placeInMemory } from './places.js';

interface Tour {
  readonly refused: boolean;
}

@SagaDefinition<Tour>({ name: 'tour' })
class TourSaga {
  constructor(private readonly deeds: Deeds) {}

  @SagaStep()
  async hold(context: SagaContext<Tour>) {
    await this.deeds.do(context);
    return 'the booking';
  }
  @Compensate('hold')
  async letGo(context: CompensationContext<Tour>) {
    await this.deeds.do(context);
  }

  @SagaStep({ each: () => ['ann', 'bob'] })
  async invite(context: SagaContext<Tour, TourSaga, string>) {
    await this.deeds.do(context);
    return `${context.item} to ${context.results.hold}`;
  }
  @Compensate('invite')
  async disinvite(context: CompensationContext<Tour>) {
    await this.deeds.do(context);
  }

  @SagaStep({ kind: 'readonly' })
  async begin({ input }: SagaContext<Tour>) {
    if (input.refused) throw new StepRejected('RAIN');
  }
}

/** All its steps have other names, and their code reads those. */
@SagaDefinition<Tour>({ name: 'tour' })
class RenamedTourSaga {
  constructor(private readonly deeds: Deeds) {}

  @SagaStep({ was: 'hold' })
  async reserve(context: SagaContext<Tour>) {
    await this.deeds.do(context);
    return 'the booking';
  }
  @Compensate('reserve')
  async release(context: CompensationContext<Tour>) {
    await this.deeds.do(context);
  }

  @SagaStep({
    was: 'invite',
    each: ({ results }: SagaContext<Tour, RenamedTourSaga>) => (results.reserve === 'the booking' ? ['ann', 'bob'] : []),
  })
  async ask(context: SagaContext<Tour, RenamedTourSaga, string>) {
    await this.deeds.do(context);
    return `${context.item} to ${context.results.reserve}`;
  }
  @Compensate('ask')
  async excuse(context: CompensationContext<Tour>) {
    await this.deeds.do(context);
  }

  @SagaStep({ kind: 'readonly', was: ['start', 'begin'] })
  async go({ input }: SagaContext<Tour>) {
    if (input.refused) throw new StepRejected('RAIN');
  }
}

const tour = (title: string, input: Tour): CrashScenario<TourSaga> => ({
  title,
  saga: TourSaga,
  make: (deeds) => new TourSaga(deeds),
  takenOverBy: { saga: RenamedTourSaga, make: (deeds) => new RenamedTourSaga(deeds) },
  input,
});

describe('R23: a step renamed between crash and recovery, wherever the crash was', () => {
  it.each([tour('all goes well', { refused: false }), tour('the last step is refused', { refused: true })])(
    '$title: each step keeps the name that it began under, and the saga ends as it would have',
    async (scenario) => {
      const whole = await runScenario(scenario, placeInMemory());
      const seen = new Set<string>();
      for (const crashPoint of crashPointsOf(whole)) {
        const where = `dies right ${crashPoint.moment} ${whole.writes[crashPoint.write - 1]}`;
        const { ending, doneAgain, doneTooOften, changedTooLate } = await runScenario(scenario, placeInMemory(), crashPoint);
        const well = { where, doneAgain: [], doneTooOften: [], changedTooLate: false };
        expect({ where, doneAgain, doneTooOften, changedTooLate, ending: underFirstNames(ending) }).toEqual({
          ...well,
          ending: underFirstNames(whole.ending),
        });
        seen.add(Object.keys(ending.sagas['saga']?.steps ?? {}).join());
      }
      // The first node died before a step began, between two, and after the last one.
      expect(seen).toEqual(new Set(['reserve,ask,go', 'hold,ask,go', 'hold,invite,go', 'hold,invite,begin']));
    },
    60_000,
  );
});

const FIRST_NAMES: Readonly<Record<string, string>> = { reserve: 'hold', ask: 'invite', go: 'begin' };

/** As it would read if no step had another name. */
function underFirstNames(ending: Ending): Ending {
  const text = JSON.stringify(ending).replaceAll(/\b(reserve|ask|go)\b/g, (name) => FIRST_NAMES[name] ?? name);
  const { effects, ...rest } = JSON.parse(text) as Ending;
  return { ...rest, effects: effects.toSorted() };
}
