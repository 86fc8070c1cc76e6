import {
  Compensate,
  CompensationContext,
  SagaCompensatedError,
  SagaContext,
  SagaDefinition,
  SagaStep,
  SagaStuckError,
  StepRejected,
} from 'nestjs-sagas';

import { describeStory, errorOf, type StoryStore, told } from '../support/saga-app.js';
import { aborted, World } from '../support/world.js';

/**
 *            ┌─ hotel ──── spa ─┐
 *  account ──┤                  ├── pay (refused)
 *            └─ flight ─────────┘
 */
@SagaDefinition<Plan>({ name: 'holiday', compensationRetry: { attempts: 3 } })
class HolidaySaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  async account() {
    return 'account';
  }

  @Compensate('account')
  async closeAccount() {
    this.world.did('close account');
  }

  @SagaStep({ after: 'account' })
  async hotel() {
    return 'hotel';
  }

  @Compensate('hotel')
  async cancelHotel(context: CompensationContext<Plan>, hotel: string | undefined) {
    this.undo(`cancel ${hotel}`, context);
  }

  @SagaStep({ after: 'hotel' })
  async spa() {
    return 'spa';
  }

  @Compensate('spa')
  async cancelSpa(context: CompensationContext<Plan>) {
    this.undo('cancel spa', context);
    await this.world.gate('spa').pass();
  }

  @SagaStep({ after: 'account' })
  async flight() {
    return 'flight';
  }

  @Compensate('flight')
  async cancelFlight(context: CompensationContext<Plan>) {
    this.undo('cancel flight', context);
    this.world.gate('flight is cancelled').open();
  }

  @SagaStep({ kind: 'readonly', after: ['spa', 'flight'] })
  async pay() {
    throw new StepRejected('NO_MONEY', 'there is no money');
  }

  private undo(what: string, { input, step, attempt }: CompensationContext<Plan>): void {
    this.world.did(what);
    const failures = input.undoFails?.[step];
    if (failures === 'for good') throw new StepRejected('GONE', `${step} is gone`);
    if (failures !== undefined && attempt <= failures) throw new Error(`${step} does not answer`);
  }
}

interface Plan {
  /** How often the compensation of a step fails. */
  readonly undoFails?: Readonly<Record<string, number | 'for good'>>;
}

@SagaDefinition<{ slow: 'succeeds' | 'is refused' | 'gives up' }>({ name: 'race' })
class RaceSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ after: [] })
  async slow({ input, signal }: SagaContext<{ slow: string }>) {
    this.world.gate('slow runs').open();
    await aborted(signal);
    this.world.did(`slow hears: ${(signal.reason as Error).message}`);
    await this.world.gate('slow').pass();
    if (input.slow === 'is refused') throw new StepRejected('NO');
    if (input.slow === 'gives up') throw signal.reason;
    return 'slow after all';
  }

  @Compensate('slow')
  async undoSlow({ outcome }: CompensationContext, result: string | undefined) {
    this.world.did(`undo ${result} (${outcome})`);
  }

  @SagaStep({ kind: 'readonly', after: [] })
  async quick() {
    await this.world.gate('slow runs').pass();
    throw new StepRejected('QUICK_FAILS', 'the quick one fails');
  }

  @SagaStep({ kind: 'readonly', after: 'quick' })
  async never() {
    this.world.did('never');
  }
}

export function tellUnwinding(store: StoryStore): void {
  describeStory('unwinding', store, ({ boot, world, survives }) => {
    survives('R13: compensations run in the reverse order of the graph, independent branches side by side', [HolidaySaga], async (app) => {
      const saga = await app.sagas.start(HolidaySaga, {});
      await Promise.all([world().gate('spa').reached, world().gate('flight is cancelled').pass()]);
      expect(world().deeds.toSorted()).toEqual(['cancel flight', 'cancel spa']);
      world().gate('spa').open();
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      expect(failure).toEqual({ step: 'pay', kind: 'rejected', code: 'NO_MONEY', message: 'there is no money' });
      expect(world().deeds.slice(2)).toEqual(['cancel hotel', 'close account']);
    });

    survives('R15: a compensation that fails is tried again by its own policy', [HolidaySaga], async (app, calmly) => {
      world().gate('spa').open();
      const saga = await app.sagas.start(HolidaySaga, { undoFails: { flight: 2 } });
      await errorOf(saga.result(), SagaCompensatedError);
      await calmly(() => {
        expect(world().deeds.filter((deed) => deed === 'cancel flight')).toHaveLength(3);
      });
    });

    survives(
      'R15, R17: one that fails for good holds back only what it depends on; then the saga is stuck and says what is left',
      [HolidaySaga],
      async (app, calmly) => {
        world().gate('spa').open();
        const saga = await app.sagas.start(HolidaySaga, { undoFails: { flight: 99 } });
        const error = await errorOf(saga.result(), SagaStuckError);
        expect(error.failure).toEqual({
          step: 'pay',
          kind: 'rejected',
          code: 'NO_MONEY',
          message: 'there is no money',
          left: [{ step: 'flight', why: 'its compensation failed: flight does not answer' }],
        });
        expect(world().deeds).toContain('cancel hotel');
        expect(world().deeds).not.toContain('close account');
        await calmly(async () => {
          expect((await told(saga)).at(-1)).toBe('the saga is stuck; left: flight (its compensation failed: flight does not answer)');
        });
        await calmly(({ heard }) => {
          expect(heard.map((event) => event.constructor.name)).toEqual(['SagaStartedEvent', 'SagaCompensatingEvent', 'SagaStuckEvent']);
        });
      },
    );

    survives('R15: a compensation that is refused is not tried again', [HolidaySaga], async (app) => {
      world().gate('spa').open();
      const saga = await app.sagas.start(HolidaySaga, { undoFails: { hotel: 'for good' } });
      const { failure } = await errorOf(saga.result(), SagaStuckError);
      expect(failure.left).toEqual([{ step: 'hotel', why: 'its compensation failed: hotel is gone' }]);
      expect(world().deeds.filter((deed) => deed.startsWith('cancel hotel'))).toEqual(['cancel hotel']);
    });

    it('R14: parallel sibling succeeds after the other failed: it got its signal, is waited for, and is compensated', async () => {
      const app = await boot({ sagas: [RaceSaga] });
      const saga = await app.sagas.start(RaceSaga, { slow: 'succeeds' });
      await world().gate('slow').reached;
      expect((await saga.view()).status).toBe('compensating');
      world().gate('slow').open();
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      expect(failure).toMatchObject({ step: 'quick', code: 'QUICK_FAILS' });
      expect(world().deeds).toEqual(['slow hears: the saga unwinds', 'undo slow after all (succeeded)']);
      expect(await told(saga)).toEqual([
        'the saga starts',
        'slow starts',
        'quick starts',
        'quick is refused: the quick one fails',
        'unwinding begins: quick rejected (the quick one fails)',
        'never is skipped: the saga unwinds',
        'slow succeeded: "slow after all"',
        'undo slow starts',
        'undo slow succeeded',
        'the saga is compensated',
      ]);
    });

    it.each([
      ['is refused', []],
      ['gives up', ['undo undefined (unknown)']],
    ] as const)('R14: a step in flight that %s', async (slow, undone) => {
      const app = await boot({ sagas: [RaceSaga] });
      world().gate('slow').open();
      const saga = await app.sagas.start(RaceSaga, { slow });
      await errorOf(saga.result(), SagaCompensatedError);
      expect(world().deeds.slice(1)).toEqual(undone);
    });
  });
}
