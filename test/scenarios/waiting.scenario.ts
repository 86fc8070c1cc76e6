import { EventBus } from '@nestjs/cqrs';
import {
  AwaitEvent,
  AwaitSignal,
  Compensate,
  CompensationContext,
  defineSignal,
  SagaCompensatedError,
  SagaContext,
  SagaDefinition,
  SagaNotFoundError,
  SagaSignalError,
  SagaStep,
} from 'nestjs-sagas';

import { SagaRuntime } from '../../libs/saga/src/execution/saga-runtime.js';
import { eventually } from '../support/eventually.js';
import { describeStory, errorOf, type StoryStore, told } from '../support/saga-app.js';
import { World } from '../support/world.js';

interface Loan {
  readonly loanId: string;
}

class Paid {
  constructor(
    readonly loanId: string,
    readonly cents: number,
  ) {}
}

const approval = defineSignal<{ by: string; at: Date }>('approval');

@SagaDefinition({ name: 'loan', key: ({ loanId }: Loan) => loanId })
class LoanSaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  async reserve() {
    return 'reserved';
  }
  @Compensate('reserve')
  async release() {
    this.world.did('release');
  }

  @AwaitSignal(approval)
  approve({ attempt }: SagaContext<Loan>, { by, at }: { by: string; at: Date }) {
    if (attempt === 1) throw new Error('looked away');
    return { by, at };
  }

  @AwaitEvent(Paid, { key: ({ loanId }) => loanId })
  firstRate(_: SagaContext<Loan>, { cents }: Paid) {
    return cents;
  }

  @AwaitEvent(Paid, { key: ({ loanId }) => loanId })
  secondRate(_: SagaContext<Loan>, { cents }: Paid) {
    return cents;
  }
}

@SagaDefinition({ name: 'parcel' })
class ParcelSaga {
  constructor(private readonly world: World) {}

  @AwaitSignal('label', { kind: 'compensatable' })
  label(_: SagaContext, label: string) {
    this.world.did(`print ${label}`);
    return label;
  }
  @Compensate('label')
  async tearOff(_: CompensationContext, label: string | undefined) {
    this.world.did(`tear off ${label}`);
  }

  @AwaitSignal('pickup', { timeout: 80 })
  pickup() {
    this.world.did('picked up');
  }
}

@SagaDefinition({ name: 'survey' })
class SurveySaga {
  constructor(private readonly world: World) {}

  @AwaitSignal('answer', { timeout: 60, onTimeout: 'continue' })
  answer(_: SagaContext, words: string): string | undefined {
    this.world.did('heard');
    return words;
  }

  @SagaStep({ kind: 'readonly' })
  async close({ results }: SagaContext<unknown, SurveySaga>) {
    return results.answer ?? 'no answer';
  }
}

/** Its second wait knows events of another kind. */
@SagaDefinition({ name: 'two-minded', key: ({ loanId }: Loan) => loanId })
class TwoMindedSaga {
  @AwaitEvent(Paid, { key: ({ loanId }) => loanId })
  byLoan(_: SagaContext<Loan>, { cents }: Paid) {
    return cents;
  }

  @AwaitEvent(Paid, { key: (event) => (event as unknown as { debtor: Loan }).debtor.loanId, timeout: 1, onTimeout: 'continue' })
  byDebtor() {}
}

@SagaDefinition({ name: 'hasty' })
class HastySaga {
  @AwaitSignal('word', { timeout: 200 })
  word(_: SagaContext, word: string) {
    return word;
  }
}

export function tellWaiting(store: StoryStore): void {
  describeStory('waiting for people and events', store, ({ boot, world, survives }) => {
    it('R27: a signal settles the wait, and its method gets what was sent, on each attempt', async () => {
      const app = await boot({ sagas: [LoanSaga] });
      const loan = await app.sagas.start(LoanSaga, { loanId: 'l-1' });
      const parked = await eventually(
        () => loan.view(),
        ({ waitingFor }) => waitingFor?.kind === 'signal',
      );
      expect(parked.waitingFor).toEqual({ kind: 'signal', name: 'approval' });
      expect(parked.steps.map(({ step, status }) => [step, status])).toEqual([
        ['reserve', 'succeeded'],
        ['approve', 'waiting'],
        ['firstRate', 'pending'],
        ['secondRate', 'pending'],
      ]);

      const at = new Date('2026-01-02T03:04:05Z');
      await loan.signal(approval, { by: 'ann', at });
      await eventually(
        () => loan.view(),
        ({ waitingFor }) => waitingFor?.kind === 'event',
      );
      const bus = app.get(EventBus);
      bus.publish(new Paid('l-2', 1));
      bus.publish(new Paid('l-1', 100));
      await eventually(
        () => loan.view(),
        ({ steps }) => steps[3]?.status === 'waiting',
      );
      bus.publish(new Paid('l-1', 200));
      await expect(loan.result()).resolves.toEqual({
        reserve: 'reserved',
        approve: { by: 'ann', at },
        firstRate: 100,
        secondRate: 200,
      });
      expect(await told(loan)).toEqual([
        'the saga starts',
        'reserve starts',
        'reserve succeeded: "reserved"',
        'approve waits for signal approval',
        'signal approval comes: {"by":"ann","at":"2026-01-02T03:04:05.000Z"}',
        'approve starts',
        'approve fails: looked away',
        'approve#2 starts',
        'approve succeeded: {"by":"ann","at":"2026-01-02T03:04:05.000Z"}',
        'firstRate waits for event Paid',
        'event Paid comes: {"loanId":"l-1","cents":100}',
        'firstRate starts',
        'firstRate succeeded: 100',
        'secondRate waits for event Paid',
        'event Paid comes: {"loanId":"l-1","cents":200}',
        'secondRate starts',
        'secondRate succeeded: 200',
        'the saga is completed',
      ]);
    });

    it('R27: event before start: it is kept for the saga of its key, and taken when that begins', async () => {
      const app = await boot({ sagas: [LoanSaga] });
      const bus = app.get(EventBus);
      bus.publish(new Paid('l-5', 100));
      bus.publish(new Paid('l-6', 7));
      const loan = await app.sagas.start(LoanSaga, { loanId: 'l-5' });
      await eventually(
        async () => told(loan),
        (lines) => lines.some((line) => line.startsWith('event Paid')),
      );
      await loan.signal(approval, { by: 'ann', at: new Date(0) });
      await eventually(
        () => loan.view(),
        ({ steps }) => steps[3]?.status === 'waiting',
      );
      bus.publish(new Paid('l-5', 200));
      await expect(loan.result()).resolves.toMatchObject({ firstRate: 100, secondRate: 200 });
      const story = await told(loan);
      expect(story.filter((line) => line.startsWith('event'))).toEqual([
        'event Paid comes: {"loanId":"l-5","cents":100}',
        'event Paid comes: {"loanId":"l-5","cents":200}',
      ]);
      // It was there before the step that waits for it.
      expect(story.slice(story.indexOf('firstRate waits for event Paid')).slice(0, 4)).toEqual([
        'firstRate waits for event Paid',
        'firstRate starts',
        'firstRate succeeded: 100',
        'secondRate waits for event Paid',
      ]);
    });

    it('R27: events and signals that come before their saga, or before their step, are kept; each settles one wait', async () => {
      const app = await boot({ sagas: [LoanSaga] });
      const bus = app.get(EventBus);
      bus.publish(new Paid('early', 1));
      bus.publish(new Paid('early', 2));
      const early = await app.sagas.start(LoanSaga, { loanId: 'early' });
      await early.signal(approval, { by: 'bob', at: new Date(0) });
      await expect(early.result()).resolves.toMatchObject({ firstRate: 1, secondRate: 2 });
    });

    survives('R27: a signal with a dedupe id counts once', [SurveySaga], async (app, calmly) => {
      const survey = await app.sagas.start(SurveySaga, {}, { delay: '1h' });
      await survey.signal('answer', 'yes', { dedupeId: 'mail-1' });
      await survey.signal('answer', 'yes', { dedupeId: 'mail-1' });
      await survey.signal('answer', 'no', { dedupeId: 'mail-2' });
      // And it wakes no saga whose start is delayed.
      await calmly(async () => {
        expect(await told(survey)).toEqual(['the saga starts', 'signal answer comes: "yes"', 'signal answer comes: "no"']);
      });
      expect((await survey.view()).status).toBe('pending');
    });

    survives(
      'R28: a wait ends at its time: the step has failed, nothing ran, and what was done before is undone',
      [ParcelSaga],
      async (app) => {
        const parcel = await app.sagas.start(ParcelSaga, {});
        await parcel.signal('label', 'A-7');
        const { failure } = await errorOf(parcel.result(), SagaCompensatedError);
        expect(failure).toEqual({
          step: 'pickup',
          kind: 'timed-out',
          code: 'SAGA_WAIT_TIMED_OUT',
          message: 'no signal pickup came within 80ms',
        });
        expect(world().deeds).toEqual(['print A-7', 'tear off A-7']);
        await parcel.signal('pickup'); // too late, and no error
        expect((await parcel.view()).status).toBe('compensated');
      },
    );

    survives("R28: with onTimeout: 'continue' the saga goes on, and the method is not called", [SurveySaga], async (app) => {
      const survey = await app.sagas.start(SurveySaga, {});
      await expect(survey.result()).resolves.toEqual({ answer: undefined, close: 'no answer' });
      expect(world().deeds).toEqual([]);
    });

    it('R27, R28: what was kept before the time of a wait is over counts, though whoever sent it died before it was taken in', async () => {
      const app = await boot({ sagas: [HastySaga] });
      const hasty = await app.sagas.start(HastySaga, {});
      await eventually(
        () => hasty.view(),
        ({ waitingFor }) => waitingFor?.kind === 'signal',
      );
      await app.get(SagaRuntime).store.mail.post({ to: { sagaId: hasty.id }, channel: 'signal', name: 'word', payload: 'now' });
      await expect(hasty.result()).resolves.toEqual({ word: 'now' });
    });

    it('R20: a saga that waits belongs to nobody, and goes on wherever it is woken', async () => {
      const first = await boot({ sagas: [LoanSaga] });
      const { id } = await first.sagas.start(LoanSaga, { loanId: 'l-3' });
      await eventually(
        () => first.sagas.get(id).view(),
        ({ waitingFor }) => waitingFor?.kind === 'signal',
      );
      if (store.name === 'postgres') await first.close();
      const second = store.name === 'postgres' ? await boot({ sagas: [LoanSaga] }) : first;
      const bus = second.get(EventBus);
      bus.publish(new Paid('l-3', 1));
      bus.publish(new Paid('l-3', 2));
      await second.sagas.get(id).signal(approval, { by: 'eve', at: new Date(0) });
      await expect(second.sagas.get(LoanSaga, id).result()).resolves.toMatchObject({ secondRate: 2 });
    });

    it('R20: a saga that waits takes no slot: where one saga fits into memory, a hundred wait and others end', async () => {
      const app = await boot({ sagas: [LoanSaga, SurveySaga], options: { worker: { concurrency: 1 } } });
      const loans = await Promise.all(
        Array.from({ length: 100 }, async (_, index) => app.sagas.start(LoanSaga, { loanId: `many-${index}` })),
      );
      await eventually(
        () => app.sagas.find({ name: 'loan', limit: 100 }),
        ({ items }) => items.every(({ waitingFor }) => waitingFor?.kind === 'signal'),
        25_000, // one after another, and behind a pooler each write has several round trips
      );
      const survey = await app.sagas.start(SurveySaga, {});
      await survey.signal('answer', 'yes');
      await expect(survey.result()).resolves.toMatchObject({ close: 'yes' });
      await Promise.all(loans.map(async (loan) => loan.cancel('enough')));
    });

    survives('R14: a step that waits when its saga unwinds is skipped', [LoanSaga], async (app, calmly) => {
      const loan = await app.sagas.start(LoanSaga, { loanId: 'l-4' });
      await eventually(
        () => loan.view(),
        ({ waitingFor }) => waitingFor?.kind === 'signal',
      );
      await expect(loan.cancel('moved away')).resolves.toEqual({ accepted: true });
      await errorOf(loan.result(), SagaCompensatedError);
      await calmly(async () => {
        expect((await told(loan)).slice(4)).toEqual([
          'cancel: moved away',
          'unwinding begins: cancelled (moved away)',
          'approve is skipped: the saga unwinds',
          'firstRate is skipped: the saga unwinds',
          'secondRate is skipped: the saga unwinds',
          'undo reserve starts',
          'undo reserve succeeded',
          'the saga is compensated',
        ]);
      });
    });

    it('a signal that nobody waits for, or that cannot be stored, is refused where it is sent', async () => {
      const app = await boot({ sagas: [SurveySaga] });
      const survey = await app.sagas.start(SurveySaga, {}, { delay: '1h' });
      expect((await errorOf(survey.signal('anser', 'yes'), SagaSignalError)).message).toBe(
        "survey never waits for signal 'anser': it waits for answer. Nothing was sent.",
      );
      expect((await errorOf(survey.signal('answer', { size: 3n }), SagaSignalError)).message).toBe(
        "Signal 'answer' was not sent: its payload.size is a BigInt and does not survive storage; use a string or a number.",
      );
      await errorOf(app.sagas.get('not-an-id').signal('answer'), SagaNotFoundError);
      expect(await told(survey)).toEqual(['the saga starts']);
    });

    it('R27: an event that was published just before the application closes is kept', async () => {
      const first = await boot({ sagas: [LoanSaga] });
      first.get(EventBus).publish(new Paid('late', 1));
      await first.close();
      const second = await boot({ sagas: [LoanSaga] });
      const loan = await second.sagas.start(LoanSaga, { loanId: 'late' });
      await eventually(
        async () => told(loan),
        (lines) => lines.includes('event Paid comes: {"loanId":"late","cents":1}'),
      );
      await loan.cancel('enough');
    });

    it('R27, R32: an event that one wait cannot read reaches those that can', async () => {
      const app = await boot({ sagas: [TwoMindedSaga] });
      const saga = await app.sagas.start(TwoMindedSaga, { loanId: 'seven' });
      app.get(EventBus).publish(new Paid('seven', 7));
      await expect(saga.result()).resolves.toMatchObject({ byLoan: 7 });
      const line = await eventually(
        () => app.logger.of('Saga').find(({ text }) => text.includes('was not kept')),
        (found) => found !== undefined,
      );
      expect(line?.text).toBe('Paid was not kept for all waits of two-minded: some could not tell its key');
    });

    it('R32: an event whose key is none is said in the log, and stops nobody', async () => {
      const app = await boot({ sagas: [LoanSaga] });
      app.get(EventBus).publish(new Paid('', 1));
      const [line] = await eventually(
        () => app.logger.of('Saga').filter(({ text }) => text.includes('was not kept')),
        (lines) => lines.length > 0,
      );
      expect(line).toMatchObject({
        text: 'Paid was not kept for loan: publish it again, once this is mended',
        fields: { error: 'the key of Paid gave ""; it must be a text of 1 to 1000 bytes, without U+0000 and lone surrogates' },
      });
    });
  });
}
