import {
  Compensate,
  CompensationContext,
  SagaCompensatedError,
  SagaContext,
  SagaDefinition,
  type SagaHandle,
  SagaInputError,
  SagaOperationError,
  SagaStep,
  SagaStuckError,
  StepRejected,
} from 'nestjs-sagas';

import { eventually } from '../support/eventually.js';
import { describeStory, errorOf, type SagaApp, type StoryStore, told } from '../support/saga-app.js';
import { World } from '../support/world.js';

const BY = { operator: 'ann', reason: 'I looked at it' };

/** What holds a step up, until a person has seen to it. */
interface Trouble {
  readonly refund?: boolean;
  readonly receipt?: boolean;
}

@SagaDefinition<Trouble>({ name: 'trip' })
class TripSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ after: [] })
  async charge() {
    return 'c-1';
  }

  @Compensate('charge')
  async refund({ attempt, idempotencyKey }: CompensationContext<Trouble>) {
    if (!this.world.deeds.includes('the bank answers')) throw new StepRejected('CLOSED', 'the account is closed');
    this.world.did(`refund#${attempt} ${idempotencyKey.replace(/^[^:]*:/, '')}`);
  }

  @SagaStep({ after: [] })
  async flight() {
    return 'f-1';
  }

  @Compensate('flight')
  async cancelFlight() {
    this.world.did('cancel flight');
  }

  @SagaStep({ after: [] })
  async hotel() {
    return 'h-1';
  }

  @Compensate('hotel')
  async cancelHotel() {
    this.world.did('cancel hotel');
  }

  @SagaStep({ after: ['charge', 'flight', 'hotel'] })
  async approve({ input }: SagaContext<Trouble>) {
    if (input.refund) throw new StepRejected('NO', 'not approved');
    return 'approved';
  }

  @Compensate('approve')
  async withdraw() {
    this.world.did('withdraw');
  }
}

@SagaDefinition<Trouble>({ name: 'delivery' })
class DeliverySaga {
  constructor(private readonly world: World) {}

  @SagaStep({ kind: 'pivot' })
  async sell() {
    this.world.did('sell');
  }

  @SagaStep()
  async print({ attempt }: SagaContext) {
    if (!this.world.deeds.includes('paper is there')) throw new StepRejected('NO_PAPER', 'there is no paper');
    this.world.did(`print#${attempt}`);
    return { number: 'printed' };
  }

  @SagaStep()
  async send({ results }: SagaContext<Trouble, DeliverySaga>) {
    this.world.did(`send ${results.print.number}`);
  }
}

@SagaDefinition({ name: 'nap' })
class NapSaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  async lieDown({ signal }: SagaContext) {
    await this.world.gate('lie down').pass(signal);
  }

  @Compensate('lieDown')
  async getUp() {
    this.world.did('get up');
  }

  @SagaStep({ kind: 'readonly', delay: 40 })
  async wake() {
    this.world.did('wake');
  }
}

/** A pause so short that its node keeps the saga, and so long that no second attempt comes. */
@SagaDefinition({ name: 'call', retry: { attempts: 2, delay: 1_900, jitter: 'none' } })
class CallSaga {
  @SagaStep({ kind: 'readonly' })
  async ring(): Promise<string> {
    throw new Error('no answer');
  }

  @SagaStep({ kind: 'readonly' })
  async note({ results }: SagaContext<object, CallSaga>) {
    return `noted: ${results.ring}`;
  }
}

const stuck = async <S extends object>(saga: SagaHandle<S>): Promise<SagaHandle<S>> => {
  await errorOf(saga.result(), SagaStuckError);
  return saga;
};

export function tellOperators(store: StoryStore): void {
  describeStory('operators', store, ({ boot, world, survives }) => {
    describe('a refund fails for good while two independent undos remain', () => {
      const unrefunded = async ({ sagas }: Pick<SagaApp, 'sagas'>) => stuck(await sagas.start(TripSaga, { refund: true }));

      survives('R15, R16: the others are undone; tried again, only the refund runs, under its key', [TripSaga], async (app, calmly) => {
        const saga = await unrefunded(app);
        await calmly(() => {
          expect(world().deeds.toSorted()).toEqual(['cancel flight', 'cancel hotel']);
        });
        world().did('the bank answers');
        await saga.retry(BY);
        const { failure } = await errorOf(saga.result(), SagaCompensatedError);
        expect(failure).toEqual({ step: 'approve', kind: 'rejected', code: 'NO', message: 'not approved' });
        await calmly(async () => {
          expect(world().deeds.slice(2)).toEqual(['the bank answers', 'refund#2 charge:compensation']);
          expect((await told(saga)).slice(-5)).toEqual([
            'ann (I looked at it) wants it tried again',
            'undo charge is open again, round 2',
            'undo charge#2 starts',
            'undo charge succeeded',
            'the saga is compensated',
          ]);
        });
        expect((await saga.journal()).find(({ kind }) => kind === 'retry-requested')?.by).toEqual(BY);
        await calmly((whole) => {
          expect(whole.log(saga).map(({ text }) => text)).toEqual(
            expect.arrayContaining(['ann had it tried again: I looked at it', 'ann opened the compensation again: I looked at it']),
          );
        });
      });

      it('R16: tried again in vain it is stuck again, and says so', async () => {
        const saga = await unrefunded(await boot({ sagas: [TripSaga] }));
        await saga.retry(BY);
        const error = await errorOf(saga.result(), SagaStuckError);
        expect(error.failure.left).toEqual([{ step: 'charge', why: 'its compensation failed: the account is closed' }]);
        expect((await saga.view()).steps[0]?.compensation).toMatchObject({ status: 'failed', attempts: 2 });
      });

      survives('R16, R17: skipped, it is left and named, with who and why', [TripSaga], async (app) => {
        const saga = await unrefunded(app);
        await saga.skip('charge', BY);
        const { failure } = await errorOf(saga.result(), SagaCompensatedError);
        expect(failure).toMatchObject({ step: 'approve', left: [{ step: 'charge', why: 'skipped by ann: I looked at it' }] });
        expect((await saga.view()).steps[0]?.compensation?.status).toBe('skipped');
        expect((await saga.journal()).find(({ kind }) => kind === 'compensation-skipped')?.by).toEqual(BY);
      });

      survives('R16: resolved by hand, all is undone, and nothing is left', [TripSaga], async (app, calmly) => {
        const saga = await unrefunded(app);
        await saga.resolve('charge', BY);
        const { failure } = await errorOf(saga.result(), SagaCompensatedError);
        expect(failure).not.toHaveProperty('left');
        expect((await saga.view()).steps[0]?.compensation?.status).toBe('resolved');
        await calmly(() => {
          expect(world().deeds.toSorted()).toEqual(['cancel flight', 'cancel hotel']);
        });
      });
    });

    describe('stuck past the pivot', () => {
      const unprinted = async ({ sagas }: Pick<SagaApp, 'sagas'>) => stuck(await sagas.start(DeliverySaga, {}));

      survives('R16: tried again, it goes on to its end', [DeliverySaga], async (app, calmly) => {
        const saga = await unprinted(app);
        expect((await app.sagas.find({ status: 'stuck' })).items.map(({ id }) => id)).toEqual([saga.id]);
        world().did('paper is there');
        await saga.retry(BY);
        expect(await saga.result()).toMatchObject({ print: { number: 'printed' } });
        await calmly(() => {
          expect(world().deeds).toEqual(['sell', 'paper is there', 'print#2', 'send printed']);
        });
        expect(await saga.view()).toMatchObject({ status: 'completed', failure: null });
      });

      survives('R16: resolved, what follows sees the result that the person gave', [DeliverySaga], async (app) => {
        const saga = await unprinted(app);
        await saga.resolve('print', { ...BY, result: { number: 'written by hand' } });
        expect(await saga.result()).toMatchObject({ print: { number: 'written by hand' } });
        expect(world().deeds).toEqual(['sell', 'send written by hand']);
      });

      it('R5, R16: a result that cannot be stored is refused, and changes nothing', async () => {
        const saga = await unprinted(await boot({ sagas: [DeliverySaga] }));
        const error = await errorOf(saga.resolve('print', { ...BY, result: { number: new Map() } }), SagaInputError);
        expect(error.message).toContain('delivery.print was not resolved: result.number is a Map');
        expect((await saga.view()).status).toBe('stuck');
      });

      it('R16: it is not taken back', async () => {
        const saga = await unprinted(await boot({ sagas: [DeliverySaga] }));
        const error = await errorOf(saga.compensate(BY), SagaOperationError);
        expect(error).toMatchObject({ code: 'SAGA_OPERATION_REFUSED', saga: 'delivery', sagaId: saga.id });
        expect(error.message).toContain('Taking back is a saga of its own');
      });
    });

    survives('R16: a completed saga is taken back, and result() follows its new end', [TripSaga], async (app, calmly) => {
      world().did('the bank answers');
      const saga = await app.sagas.start(TripSaga, {});
      await saga.result();
      await saga.compensate({ operator: 'ann', reason: 'booked twice' });
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      expect(failure).toEqual({ kind: 'cancelled', code: 'SAGA_TAKEN_BACK', message: 'booked twice' });
      await calmly(() => {
        expect(world().deeds.slice(2).toSorted()).toEqual(['cancel flight', 'cancel hotel', 'refund#1 charge:compensation']);
      });
      expect(world().deeds[1]).toBe('withdraw');
      expect(await saga.view()).toMatchObject({ status: 'compensated', endedAt: expect.any(Date) });
      await calmly(({ heard }) => {
        expect(heard.map((event) => event.constructor.name)).toContain('SagaCompensatingEvent');
      });
      await calmly(async () => {
        await errorOf(saga.compensate(BY), SagaOperationError);
      });
    });

    survives('R14, R16: a running saga is taken back: what is under way gets its signal, and is undone', [NapSaga], async (app) => {
      const saga = await app.sagas.start(NapSaga, {});
      await world().gate('lie down').reached;
      await saga.compensate(BY);
      expect(await saga.view()).toMatchObject({ failure: { code: 'SAGA_TAKEN_BACK' } });
      await errorOf(saga.result(), SagaCompensatedError);
      expect(world().deeds).toEqual(['get up']);
      expect((await saga.view()).steps[0]).toMatchObject({ status: 'unknown', compensation: { status: 'compensated' } });
    });

    it('R16: a paused saga records what was under way, and begins nothing until it is resumed', async () => {
      const app = await boot({ sagas: [NapSaga] });
      const saga = await app.sagas.start(NapSaga, {});
      await world().gate('lie down').reached;
      await saga.pause(BY);
      await saga.pause(BY);
      expect((await saga.view()).paused).toBe(true);
      world().gate('lie down').open();
      await eventually(
        async () => (await saga.view()).steps[0]?.status,
        (status) => status === 'succeeded',
      );
      // Another saga lies down later and wakes: the timer of the first one would have fired.
      await (await app.sagas.start(NapSaga, {})).result();
      expect(world().deeds).toEqual(['wake']);
      await saga.resume(BY);
      await saga.result();
      expect(world().deeds).toEqual(['wake', 'wake']);
      expect((await told(saga)).filter((line) => line.startsWith('ann'))).toEqual([
        'ann (I looked at it) pauses the saga',
        'ann (I looked at it) resumes the saga',
      ]);
    });

    it('R16, R18: a step between its attempts is resolved while its node has the saga in memory', async () => {
      const app = await boot({ sagas: [CallSaga] });
      const saga = await app.sagas.start(CallSaga, {});
      await eventually(
        async () => told(saga),
        (lines) => lines.includes('ring fails: no answer'),
      );
      await saga.resolve('ring', { ...BY, result: 'she rang back' });
      expect(await saga.result()).toEqual({ ring: 'she rang back', note: 'noted: she rang back' });
      expect((await saga.view()).steps[0]).toMatchObject({ status: 'succeeded', attempts: 1 });
    });

    survives('R16, R30: a cancel of a paused saga is acted on when it is resumed', [NapSaga], async (app) => {
      const saga = await app.sagas.start(NapSaga, {}, { delay: '1h' });
      await saga.pause(BY);
      expect(await saga.cancel('never mind')).toEqual({ accepted: true });
      expect((await saga.view()).status).toBe('pending');
      await saga.resume(BY);
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      expect(failure).toEqual({ kind: 'cancelled', message: 'never mind' });
    });

    it('R16: a paused and resumed saga still waits for its delayed start', async () => {
      const app = await boot({ sagas: [NapSaga] });
      const saga = await app.sagas.start(NapSaga, {}, { delay: '1h' });
      await saga.pause(BY);
      await saga.resume(BY);
      expect(await saga.view()).toMatchObject({ status: 'pending', paused: false });
      expect((await told(saga)).length).toBe(3);
    });

    it('R16: what a saga does not take is refused, and says what to do instead', async () => {
      const app = await boot({ sagas: [NapSaga] });
      const saga = await app.sagas.start(NapSaga, {});
      await world().gate('lie down').reached;
      const refused = async (command: Promise<void>) => (await errorOf(command, SagaOperationError)).message;
      expect(await refused(saga.retry(BY))).toContain('only a stuck saga is tried again');
      expect(await refused(saga.skip('lieDown', BY))).toContain('attempt 1 is under way');
      expect(await refused(saga.skip('wake', BY))).toContain('lieDown is not done yet');
      expect(await refused(saga.skip('snore' as never, BY))).toContain('there is no such step. Its steps are lieDown, wake');
      world().gate('lie down').open();
      await saga.result();
      expect(await refused(saga.pause(BY))).toContain('it has ended');
      expect((await told(saga)).filter((line) => line.startsWith('ann'))).toEqual([]);
    });

    const unstorable = [
      ['nobody', { operator: '', reason: 'because' }],
      ['no reason', { operator: 'ann', reason: '' }],
      ['half a character', { operator: 'ann', reason: '\ud800' }],
      ['too long', { operator: 'ann', reason: 'x'.repeat(1_001) }],
    ] as const;
    it.each(unstorable)('R5, R16: a note that says nothing, or cannot be stored, is refused: %s', async (_name, note) => {
      const app = await boot({ sagas: [NapSaga] });
      const saga = await app.sagas.start(NapSaga, {});
      await expect(saga.pause(note)).rejects.toThrow(/^pause\(\{ operator, reason \}\) takes who and why/);
      expect((await saga.view()).paused).toBe(false);
    });
  });
}
