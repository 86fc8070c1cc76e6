import { AwaitEvent, AwaitSignal, Compensate, SagaContext, SagaDefinition, type SagaHandle, SagaStep, StepRejected } from 'nestjs-sagas';

import { eventually } from '../support/eventually.js';
import { aborted } from '../support/world.js';
import type { Caller, CrashScenario } from './crash-points.js';
import { Doing, scenario } from './doing.js';

/** Whoever answers does so before the saga asks. */
@SagaDefinition({ name: 'signal-before-its-step' })
class SignalBeforeItsStep extends Doing {
  @SagaStep()
  async ask(context: SagaContext) {
    await this.sagas.get(context.sagaId).signal('answer', 'yes', { dedupeId: context.idempotencyKey });
    return this.do(context);
  }
  @Compensate('ask')
  async withdraw(context: SagaContext) {
    await this.do(context);
  }

  @AwaitSignal('answer')
  async hear(context: SagaContext, words: string) {
    await this.do(context);
    return words;
  }
}

@SagaDefinition({ name: 'asks-and-waits' })
class AsksAndWaits extends Doing {
  @SagaStep()
  async ask(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('ask')
  async withdraw(context: SagaContext) {
    await this.do(context);
  }

  @AwaitSignal('answer', { kind: 'compensatable' })
  async hear(context: SagaContext, words: string) {
    await this.do(context);
    return words;
  }
  @Compensate('hear')
  async forget(context: SagaContext) {
    await this.do(context);
  }

  @SagaStep({ kind: 'readonly' })
  async check({ results }: SagaContext<object, AsksAndWaits>) {
    throw new StepRejected(`HEARD_${results.hear}`);
  }
}

/** One who has nothing to do but to answer: when the saga waits for him and nobody owns it. */
async function answer(saga: SagaHandle): Promise<void> {
  await waits(saga);
  await saga.signal('answer', 'yes', { dedupeId: 'answer-1' });
}

async function waits(saga: SagaHandle): Promise<void> {
  await eventually(
    async () => saga.view(),
    ({ status, waitingFor }) => waitingFor?.kind === 'signal' || status === 'completed' || status === 'compensated',
  );
}

const BY = { operator: 'ann', reason: 'I looked at it' };

/** It is answered while it is paused, and takes that up when it is resumed. */
async function answerWhilePaused(saga: SagaHandle): Promise<void> {
  await waits(saga);
  const journal = await saga.journal();
  if (!journal.some(({ kind }) => kind === 'saga-resumed')) await saga.pause(BY);
  await saga.signal('answer', 'yes', { dedupeId: 'answer-1' });
  const { status } = await saga.view();
  if (status !== 'compensated') await saga.resume(BY).catch(() => undefined);
}

class Paid {
  readonly cents: number = 7;
}

@SagaDefinition({ name: 'paid-in-rates' })
class PaidInRates extends Doing {
  @AwaitEvent(Paid, { key: () => 'the key of its run' })
  async first(context: SagaContext, { cents }: Paid) {
    await this.do(context);
    return cents;
  }

  @AwaitEvent(Paid, { key: () => 'the key of its run' })
  async second(context: SagaContext, { cents }: Paid) {
    await this.do(context);
    return cents;
  }
}

async function payBoth({ key, post }: Caller): Promise<void> {
  for (const cents of [1, 2]) {
    const to = { sagaName: 'paid-in-rates', sagaKey: key };
    await post({ to, channel: 'event', name: 'Paid', payload: { cents }, dedupeId: `rate ${cents}` });
  }
}

@SagaDefinition({ name: 'nobody-answers' })
class NobodyAnswers extends Doing {
  @SagaStep()
  async ask(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('ask')
  async withdraw(context: SagaContext) {
    await this.do(context);
  }

  @AwaitSignal('comment', { timeout: 10, onTimeout: 'continue' })
  comment(_: SagaContext, words: string): string | undefined {
    return words;
  }

  @SagaStep({ delay: 10 })
  async remind(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('remind')
  async apologize(context: SagaContext) {
    await this.do(context);
  }

  @AwaitSignal('answer', { timeout: 10 })
  hear() {}
}

@SagaDefinition({ name: 'its-deadline-passes', timeout: 40 })
class ItsDeadlinePasses extends Doing {
  @SagaStep()
  async ask(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('ask')
  async withdraw(context: SagaContext) {
    await this.do(context);
  }

  @AwaitSignal('answer')
  hear() {}
}

@SagaDefinition({ name: 'deadline-after-the-pivot', timeout: 5 })
class DeadlineAfterThePivot extends Doing {
  @SagaStep({ kind: 'pivot' })
  async sell(context: SagaContext) {
    return this.do(context);
  }

  @SagaStep({ delay: 20 })
  async deliver(context: SagaContext) {
    return this.do(context);
  }
}

@SagaDefinition({ name: 'takes-too-long', retry: { attempts: 2 } })
class TakesTooLong extends Doing {
  @SagaStep()
  async ask(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('ask')
  async withdraw(context: SagaContext) {
    await this.do(context);
  }

  @SagaStep({ timeout: 10 })
  async charge({ signal }: SagaContext) {
    await aborted(signal);
    throw signal.reason;
  }
  @Compensate('charge')
  async refund(context: SagaContext) {
    await this.do(context);
  }
}

/** Steps that wait, for people, for events and for their time. */
export const waitingScenarios = {
  signalBeforeItsStep: scenario('a signal that comes before its step waits', SignalBeforeItsStep),
  signalWhileItWaits: scenario('a signal to a saga that nobody owns, and a refusal', AsksAndWaits, { meanwhile: answer }),
  signalWhilePaused: scenario('a signal to a saga that is paused, and resumed', AsksAndWaits, { meanwhile: answerWhilePaused }),
  eventsBeforeTheStart: scenario('events before the start', PaidInRates, { before: payBoth }),
  eventsMeanwhile: scenario('events while it waits', PaidInRates, { meanwhile: async (_, caller) => payBoth(caller) }),
  nobodyAnswers: scenario('a delay, and waits that time out, one of them passed', NobodyAnswers),
  itsDeadlinePasses: scenario('a deadline while it waits', ItsDeadlinePasses),
  takesTooLong: scenario('a step that takes too long, each time', TakesTooLong),
  deadlineAfterThePivot: scenario('a deadline after the pivot', DeadlineAfterThePivot),
} satisfies Record<string, CrashScenario>;
