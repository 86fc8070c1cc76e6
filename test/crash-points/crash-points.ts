import { isDeepStrictEqual } from 'node:util';

import type { Type } from '@nestjs/common';
import { type SagaClient, type SagaHandle, SagaOperationError, type SagaView } from 'nestjs-sagas';

import { idempotencyKeyOf } from '../../libs/saga/src/definition/idempotency-key.js';
import type { Entry } from '../../libs/saga/src/planning/journal.js';
import type { Mail } from '../../libs/saga/src/store/mail.js';
import type { SagaStore } from '../../libs/saga/src/store/saga-store.js';
import { CrashingNode, LEASE_MS, type MadeSaga, type Surroundings } from './node.js';
import { Deeds, Effects } from './deeds.js';
import { childStepsOf, familyOf, type Member } from './family.js';
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

/**
 * How a saga ended, without what a crash may change: times, ids, attempts, and how much is known of what was undone. An attempt
 * that is cut short may have had an effect, so a step that would have failed or succeeded can be unknown, and is undone. [R9, R10]
 */
export interface Ending {
  readonly status: SagaView['status'];
  readonly failure: object | null;
  readonly steps: Readonly<Record<string, unknown>>;
  /** What was done outside and is not undone, and what was undone: idempotency keys without the saga's id. */
  readonly effects: readonly string[];
  /** By their names. */
  readonly children: Readonly<Record<string, Omit<Ending, 'effects' | 'children'>>>;
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
      await place.store.releaseExpired();
      await Promise.race([node.life.died, runOn(node)]);
      // What it still does beside the saga that has ended, and its answers to the test, kill it no more.
      if (node.life.outlives()) break;
      for (const done of await doneFor(place.store, key)) if (!doneBefore.has(done)) doneBefore.set(done, effects.of(done));
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
function passOverRefused(error: unknown): void {
  if (!(error instanceof SagaOperationError)) throw error;
}

/** The idempotency keys of all that the journals say is done. */
async function doneFor(store: SagaStore, key: string): Promise<readonly string[]> {
  return (await familyOf(store, key)).flatMap(({ stored: { row, journal } }) =>
    journal.flatMap((entry) => {
      const direction = DONE[entry.kind];
      return direction === undefined || !('step' in entry) || entry.step === undefined
        ? []
        : [idempotencyKeyOf(row.id, { ...entry, step: entry.step, direction })];
    }),
  );
}

const DONE: Readonly<Partial<Record<Entry['kind'], 'forward' | 'compensation'>>> = {
  'step-succeeded': 'forward',
  'compensation-succeeded': 'compensation',
};

async function endingOf(family: readonly Member[], sagas: SagaClient, effects: Effects): Promise<Ending> {
  const undone = new Set(effects.keys.filter((effect) => effect.endsWith(UNDONE)).map((effect) => effect.slice(0, -UNDONE.length)));
  const left = effects.keys.filter((effect) => !undone.has(effect));
  const named = (effect: string): string => family.reduce((text, { name, stored }) => text.replace(stored.row.id, name), effect);
  const endings = await Promise.all(family.map(async (member) => [member.name, await memberEnding(member, sagas)] as const));
  const { saga, ...children } = Object.fromEntries(endings);
  if (saga === undefined) throw new Error('nothing was started, or by another key');
  return { ...saga, effects: left.map(named).toSorted(), children };
}

async function memberEnding(member: Member, sagas: SagaClient): Promise<Omit<Ending, 'effects' | 'children'>> {
  const { status, failure, steps } = await sagas.get(member.stored.row.id).view();
  const childSteps = childStepsOf(member);
  return {
    status,
    failure: failure && { step: failure.step, code: failure.code, left: failure.left },
    steps: Object.fromEntries(steps.map((step) => [step.step, stepEnding(step, childSteps.has(step.step))])),
  };
}

const UNDONE = ':compensation';

type StepView = SagaView['steps'][number];

/** A child that was compensated leaves its step failed, or undone where it was not known to be there: it is undone either way. */
function stepEnding({ status, result, compensation, items }: StepView, ranChild: boolean): unknown {
  if (items) return items.map((item) => stepEnding(item, ranChild));
  if (compensation?.status === 'compensated' || (ranChild && status === 'failed')) return 'undone';
  return { status: status === 'unknown' ? 'failed' : status, result, compensation: compensation?.status };
}
