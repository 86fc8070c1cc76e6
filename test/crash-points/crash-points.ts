import { isDeepStrictEqual } from 'node:util';

import type { Type } from '@nestjs/common';
import { type SagaClient, type SagaHandle, SagaOperationError } from 'nestjs-sagas';

import type { Mail } from '../../libs/saga/src/store/mail.js';
import type { SagaStore } from '../../libs/saga/src/store/saga-store.js';
import { CrashingNode, LEASE_MS, type MadeSaga, type Surroundings } from './node.js';
import { Deeds, Effects } from './deeds.js';
import { type Ending, endingOf, doneFor } from './ending.js';
import { familyOf } from './family.js';
import type { CrashPoint } from './life.js';

/** A class, and what makes its sagas for one node. What they do outside they do by `deeds`, so that a dead node does nothing. */
export interface CrashSaga<S extends object = object> {
  readonly saga: Type<S>;
  readonly make: (deeds: Deeds, sagas: SagaClient) => S;
}

/** Somebody outside who has to do with the saga of a run. */
export interface Caller {
  /** The saga's. */
  readonly key: string;
  /** Resolves when the message is durable and was carried to its saga, where that is there. */
  readonly post: (mail: Mail) => Promise<void>;
}

/** A saga and how it is started: everything else about it is in the class. */
export interface CrashScenario<S extends object = object> extends CrashSaga<S> {
  readonly title: string;
  /** The sagas that its steps run. */
  readonly also?: readonly CrashSaga[];
  /** The same saga on all nodes but the first, where its class was changed meanwhile. [R23] */
  readonly takenOverBy?: CrashSaga;
  readonly input?: object;
  /** How often an attempt calls its method. Default 1. */
  readonly callsPerAttempt?: number;
  readonly metadata?: Record<string, string>;
  readonly surroundings?: Surroundings;
  /** Started by a process that executes no sagas: the first node has to claim it. */
  readonly startedElsewhere?: boolean;
  /** What is done before it is started. Who gets no answer asks again on the next node. */
  readonly before?: (caller: Caller) => Promise<void>;
  /** What is done while it is under way, or perhaps has ended, by one who asks again on the next node, too. */
  readonly meanwhile?: (saga: SagaHandle, caller: Caller) => Promise<void>;
  /** What of its ending no crash may change. Default: all of it. */
  readonly fixed?: (ending: Ending) => object;
  /** What an operator makes of how it ended, as often as it ends; false: it is left as it is. Asked again on the next node. */
  readonly operate?: (saga: SagaHandle) => Promise<boolean>;
}

/** Where the sagas of a run are kept, and the clock that its leases run by. */
export interface CrashPlace {
  readonly store: SagaStore;
  pass(ms: number): Promise<void>;
}

export interface CrashedRun {
  readonly ending: Ending;
  /** Of the first node. */
  readonly writes: readonly string[];
  /** Idempotency keys that were done again though the journal had said that they are done. */
  readonly doneAgain: readonly string[];
  /** Idempotency keys that were done by more attempts than one, and one more for each crash. */
  readonly doneTooOften: readonly string[];
  /** A write that a dead node had sent changed the saga when it arrived, after it had ended. [R18] */
  readonly changedTooLate: boolean;
}

/** Both moments of every write of a run. */
export const crashPointsOf = ({ writes }: CrashedRun): readonly CrashPoint[] =>
  writes.flatMap((_, index) => (['before', 'after'] as const).map((moment) => ({ write: index + 1, moment })));

/** Runs a scenario on one node after another: each dies at its crash point and its lease runs out, and the last one lives. [R19] */
export async function runScenario(scenario: CrashScenario, place: CrashPlace, ...crashPoints: readonly CrashPoint[]): Promise<CrashedRun> {
  const effects = new Effects();
  const key = crypto.randomUUID();
  const { metadata = {}, takenOverBy = scenario, also = [] } = scenario;
  const madeOf = ({ saga, make }: CrashSaga): MadeSaga => ({
    type: saga,
    make: ({ life, sagas }) => make(new Deeds(effects, life), sagas),
  });
  const setupOf = (saga: CrashSaga) => ({ ...madeOf(saga), also: also.map(madeOf), ...scenario.surroundings });
  /** A caller that gets no answer asks again, under the same key. [R6] */
  const start = async ({ sagas, type }: CrashingNode): Promise<SagaHandle> => sagas.start(type, scenario.input ?? {}, { key, metadata });
  const runOn = async (node: CrashingNode): Promise<void> => {
    const caller: Caller = { key, post: async (mail) => node.post(mail) };
    await node.sweep();
    await scenario.before?.(caller);
    const saga = await start(node);
    await Promise.all([live(saga, scenario), scenario.meanwhile?.(saga, caller)]);
  };

  if (scenario.startedElsewhere === true) await start(await CrashingNode.boot(place.store, { ...setupOf(scenario), works: false }));
  const nodes: CrashingNode[] = [];
  try {
    const doneBefore = new Map<string, number>();
    for (const crashPoint of [...crashPoints, undefined]) {
      const setup = setupOf(nodes.length === 0 ? scenario : takenOverBy);
      const node = await CrashingNode.boot(place.store, { ...setup, ...(crashPoint && { crashPoint }) });
      nodes.push(node);
      await place.store.releaseGone();
      await Promise.race([node.life.died, runOn(node)]);
      // What it still does beside the saga that has ended, and its answers to the test, kill it no more.
      if (node.life.outlives()) break;
      for (const done of doneFor(await familyOf(place.store, key))) if (!doneBefore.has(done)) doneBefore.set(done, effects.of(done));
      await place.pass(LEASE_MS + 1);
    }

    const atEnd = await familyOf(place.store, key);
    const ending = await endingOf(atEnd, nodes.at(-1)!.sagas, effects);
    for (const { life } of nodes) await life.sendLastWrite().catch(passOverRefused);
    const changedTooLate = !isDeepStrictEqual(await familyOf(place.store, key), atEnd);
    return {
      ending,
      writes: nodes[0]!.life.writes,
      doneAgain: [...doneBefore].filter(([done, times]) => effects.of(done) !== times).map(([done]) => done),
      doneTooOften: effects.keys.filter((done) => effects.of(done) > nodes.length * (scenario.callsPerAttempt ?? 1)),
      changedTooLate,
    };
  } finally {
    // Also where a run does not end: a node that goes on would keep the test runner from ending.
    await Promise.all(nodes.map(async (node) => node.leave()));
  }
}

async function live(saga: SagaHandle, { operate = async () => false }: CrashScenario): Promise<void> {
  do await ended(saga);
  while (await operate(saga));
}

const ended = async (handle: SagaHandle): Promise<'ended'> =>
  handle.result({ timeout: '20s' }).then(
    () => 'ended',
    (error: unknown) => {
      if (error instanceof Error && 'failure' in error) return 'ended';
      throw error;
    },
  );

/** A command that comes when the saga does not take it any more is refused, and changes nothing. */
export function passOverRefused(error: unknown): void {
  if (!(error instanceof SagaOperationError)) throw error;
}
