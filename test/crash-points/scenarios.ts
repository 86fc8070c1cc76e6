import { Compensate, SagaContext, SagaDefinition, type SagaHandle, SagaStep, SagaTransaction, StepRejected } from 'nestjs-sagas';

import type { CrashScenario } from './crash-points.js';
import { childScenarios } from './child-scenarios.js';
import { Doing, scenario } from './doing.js';
import { operatorScenarios } from './operator-scenarios.js';
import { waitingScenarios } from './waiting-scenarios.js';

@SagaDefinition({ name: 'order-goes-through' })
class OrderGoesThrough extends Doing {
  @SagaStep()
  async reserve(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('reserve')
  async release(context: SagaContext) {
    await this.do(context);
  }

  @SagaStep({ kind: 'pivot' })
  async capture(context: SagaContext) {
    return this.do(context);
  }

  @SagaStep({ kind: 'retriable' })
  async notify(context: SagaContext) {
    // The first call fails, whichever node makes it.
    if (context.attempt === 1) throw new Error('the mail server is busy');
    return this.do(context);
  }
}

/** Two branches side by side, and a refusal when both are done. */
@SagaDefinition({ name: 'refused-after-two-branches' })
class RefusedAfterTwoBranches extends Doing {
  @SagaStep({ after: [] })
  async flight(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('flight')
  async cancelFlight(context: SagaContext) {
    await this.do(context);
  }

  @SagaStep({ after: [] })
  async hotel(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('hotel')
  async cancelHotel(context: SagaContext) {
    // The first call fails, whichever node makes it.
    if (context.attempt === 1) throw new Error('the hotel does not answer');
    await this.do(context);
  }

  @SagaStep({ kind: 'readonly', after: ['flight', 'hotel'] })
  async approve() {
    throw new StepRejected('TOO_DEAR');
  }
}

@SagaDefinition({ name: 'two-at-a-time' })
class TwoAtATime extends Doing {
  @SagaStep({ each: () => ['apple', 'pear', 'plum', 'fig'], concurrency: 2 })
  async reserve(context: SagaContext<object, TwoAtATime, string>) {
    return this.do(context);
  }
  @Compensate('reserve')
  async release(context: SagaContext) {
    await this.do(context);
  }

  @SagaStep({ kind: 'readonly' })
  async check() {
    throw new StepRejected('NO_ADDRESS');
  }
}

/** It has somebody looked at, and goes on without those who were refused. */
@SagaDefinition({ name: 'refused-and-passed' })
class RefusedAndPassed extends Doing {
  @SagaStep({ kind: 'readonly', each: () => ['ann', 'bob', 'eve'], concurrency: 2, onRejected: 'continue' })
  async check(context: SagaContext<object, RefusedAndPassed, string>): Promise<string | undefined> {
    if (context.item !== 'bob') throw new StepRejected('UNKNOWN');
    return 'known';
  }

  @SagaStep()
  async invite(context: SagaContext<object, RefusedAndPassed>) {
    await this.do(context);
    return context.results.check;
  }
  @Compensate('invite')
  async disinvite(context: SagaContext) {
    await this.do(context);
  }
}

@SagaDefinition({ name: 'answer-never-known', retry: { attempts: 2 } })
class AnswerNeverKnown extends Doing {
  @SagaStep()
  async reserve(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('reserve')
  async release(context: SagaContext) {
    await this.do(context);
  }

  @SagaStep()
  async charge() {
    throw new Error('the gateway does not answer');
  }
  @Compensate('charge')
  async refund(context: SagaContext) {
    await this.do(context);
  }
}

/** The customer changes his mind while the second step runs. */
@SagaDefinition({ name: 'cancelled-on-the-way' })
class CancelledOnTheWay extends Doing {
  @SagaStep()
  async reserve(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('reserve')
  async release(context: SagaContext) {
    await this.do(context);
  }

  @SagaStep()
  async charge(context: SagaContext) {
    await this.sagas.get(context.sagaId).cancel('changed my mind');
    return this.do(context);
  }
  @Compensate('charge')
  async refund(context: SagaContext) {
    await this.do(context);
  }

  @SagaStep({ kind: 'readonly' })
  async never() {}
}

/** It goes through, and is taken back; the refund is refused until an operator has had it tried again. */
@SagaDefinition({ name: 'taken-back-by-hand' })
class TakenBackByHand extends Doing {
  @SagaStep()
  async charge(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('charge')
  async refund(context: SagaContext) {
    const journal = await this.sagas.get(context.sagaId).journal();
    if (!journal.some(({ kind }) => kind === 'retry-requested')) throw new StepRejected('CLOSED');
    await this.do(context);
  }

  @SagaStep({ after: [] })
  async reserve(context: SagaContext) {
    return this.do(context);
  }
  @Compensate('reserve')
  async release(context: SagaContext) {
    await this.do(context);
  }
}

async function takeBackByHand(saga: SagaHandle): Promise<boolean> {
  const by = { operator: 'ann', reason: 'I looked at it' };
  const { status } = await saga.view();
  if (status === 'completed') await saga.compensate(by);
  if (status === 'stuck') await saga.retry(by);
  return status === 'completed' || status === 'stuck';
}

/** What it does is in its database: its own table `booking`, in the transaction of the step. */
@SagaDefinition({ name: 'books-in-its-transaction' })
class BooksInItsTransaction extends Doing {
  private readonly transaction = new SagaTransaction();

  @SagaStep({ transactional: true })
  async debit(context: SagaContext) {
    return this.book(context);
  }
  @Compensate('debit', { transactional: true })
  async takeBack(context: SagaContext) {
    await this.book(context);
  }

  @SagaStep({ transactional: true })
  async credit(context: SagaContext) {
    return this.book(context);
  }
  @Compensate('credit', { transactional: true })
  async takeBackCredit(context: SagaContext) {
    await this.book(context);
  }

  @SagaStep({ kind: 'readonly' })
  async check() {
    throw new StepRejected('OVERDRAWN');
  }

  private async book({ idempotencyKey, step }: SagaContext): Promise<string> {
    await this.transaction.manager.query('insert into booking values ($1)', [idempotencyKey]);
    return `${step} booked`;
  }
}

export const scenarios = {
  orderFromElsewhere: scenario('an order that another process started', OrderGoesThrough, { startedElsewhere: true }),
  refusedAfterTwoBranches: scenario('a refusal after two branches side by side', RefusedAfterTwoBranches),
  answerNeverKnown: scenario('an answer that is never known', AnswerNeverKnown),
  cancelledOnTheWay: scenario('a cancel on the way', CancelledOnTheWay),
  takenBackByHand: scenario('a take-back and a retry by hand', TakenBackByHand, { operate: takeBackByHand }),
  twoAtATime: scenario('lines two at a time, and a refusal', TwoAtATime),
  refusedAndPassed: scenario('refusals that end their items alone', RefusedAndPassed),
  ...waitingScenarios,
  ...childScenarios,
  ...operatorScenarios,
};

/** Told on PostgreSQL too: together they cover each rule that a crash can break. */
export const selection: readonly CrashScenario[] = [
  scenarios.orderFromElsewhere,
  scenarios.refusedAfterTwoBranches,
  scenarios.twoAtATime,
  scenarios.answerNeverKnown,
  scenarios.cancelledOnTheWay,
  scenarios.takenBackByHand,
  scenarios.signalWhilePaused,
  scenarios.eventsBeforeTheStart,
  scenarios.nobodyAnswers,
  scenarios.itsDeadlinePasses,
  scenarios.deadlineAfterThePivot,
  scenarios.takesTooLong,
  scenarios.childTakenBack,
  scenarios.childRecalled,
  scenarios.childAfterThePivot,
  scenarios.skippedAndResolved,
];

/** It needs a database. */
export const booksInItsTransaction = scenario('bookings in the transaction of their steps', BooksInItsTransaction);
