import { type SagaContext, StepRejected } from 'nestjs-sagas';

import { idempotencyKeyOf } from '../../libs/saga/src/definition/idempotency-key.js';
import type { AttemptRef, Entry } from '../../libs/saga/src/planning/journal.js';
import type { SagaStore } from '../../libs/saga/src/store/saga-store.js';
import type { Life } from '../crash-points/life.js';
import { aborted } from '../support/world.js';

/** How a call ends. */
export type Outcome = 'well' | 'refused' | 'throws' | 'throws-too-late' | 'slow' | 'hangs' | 'kills' | 'kills-too-late';

interface Outside {
  readonly store: SagaStore;
  now(): number;
}

const SLOW_MS = 1_500;

/** What happens outside the sagas, which no crash takes back; and what must be true of each call. */
export class OutsideWorld {
  /** Idempotency keys of all that was done, in order. */
  readonly done: string[] = [];
  readonly broken: string[] = [];
  /** Of all calls. */
  readonly outcomes: Outcome[] = [];
  private readonly called = new Set<string>();

  /** @param lot how the next calls end; those after them end well */
  constructor(
    private readonly outside: Outside,
    public lot: Outcome[],
  ) {}

  /** R1: the attempt is durable before its method is called, and each attempt calls it once. R28: not before its time. */
  async judge({ sagaId, idempotencyKey, attempt, step }: SagaContext): Promise<void> {
    const call = `${idempotencyKey}#${attempt}`;
    if (this.called.has(call)) this.broken.push(`R1: ${call} is called twice`);
    this.called.add(call);
    const journal = (await this.outside.store.load(sagaId))?.journal ?? [];
    const own = journal.filter((entry): entry is Entry & AttemptRef => 'attempt' in entry && keyOf(sagaId, entry) === idempotencyKey);
    const last = own.at(-1);
    if (last?.kind !== 'attempt-started' || last.attempt !== attempt)
      this.broken.push(`R1: ${call} is called, and the journal says ${last?.kind}#${last?.attempt}`);
    const early = journal.find((entry) => entry.kind === 'step-delayed' && entry.step === step && entry.dueAt > this.outside.now());
    if (early) this.broken.push(`R28: ${call} is called before its time`);
  }

  times(key: string): number {
    return this.done.filter((one) => one === key).length;
  }
}

const keyOf = (sagaId: string, { step, item, direction }: AttemptRef): string =>
  idempotencyKeyOf(sagaId, { step, direction, ...(item !== undefined && { item }) });

/** What the sagas of one node do outside, as long as that node lives. */
export class Deeds {
  constructor(
    private readonly world: OutsideWorld,
    private readonly life: Life,
  ) {}

  async do(context: SagaContext): Promise<void> {
    const { world, life } = this;
    await life.live(async () => world.judge(context));
    const outcome = world.lot.shift() ?? 'well';
    world.outcomes.push(outcome);
    if (outcome === 'refused') throw new StepRejected('NO', 'no');
    if (outcome === 'throws') throw new Error('down');
    if (outcome === 'kills') return life.kill();
    if (outcome === 'hangs') await hang(context);
    if (outcome === 'slow') await Promise.race([hang(context), new Promise((resolve) => setTimeout(resolve, SLOW_MS))]);
    await life.live(() => void world.done.push(context.idempotencyKey));
    if (outcome === 'kills-too-late') return life.kill();
    if (outcome === 'throws-too-late') throw new Error('no answer');
  }
}

async function hang({ signal }: SagaContext): Promise<never> {
  await aborted(signal);
  throw signal.reason as Error;
}
