import type { SagaClient, SagaView } from 'nestjs-sagas';

import { idempotencyKeyOf } from '../../libs/saga/src/definition/idempotency-key.js';
import type { Entry } from '../../libs/saga/src/planning/journal.js';
import type { Effects } from './deeds.js';
import type { Member } from './family.js';

/**
 * How sagas ended, without what a crash may change: times, ids, attempts, and how much is known of what was undone. An attempt that
 * is cut short may have had an effect, so a step that would have failed can be unknown, and is undone: nothing is left of it. [R9, R10]
 */
export interface Ending {
  /** By the names of their members. */
  readonly sagas: Readonly<Record<string, SagaEnding>>;
  /** What was done outside and is not undone: idempotency keys without the saga's id. */
  readonly effects: readonly string[];
}

export interface SagaEnding {
  readonly status: SagaView['status'];
  readonly failure: object | null;
  readonly steps: Readonly<Record<string, unknown>>;
}

export async function endingOf(family: readonly Member[], sagas: SagaClient, effects: Effects): Promise<Ending> {
  if (family.length === 0) throw new Error('nothing was started, or by another key');
  const undone = new Set(effects.keys.filter((effect) => effect.endsWith(UNDONE)).map((effect) => effect.slice(0, -UNDONE.length)));
  const left = effects.keys.filter((effect) => !undone.has(effect) && !effect.endsWith(UNDONE));
  const named = (effect: string): string => family.reduce((text, { name, stored }) => text.replace(stored.row.id, name), effect);
  const endings = await Promise.all(family.map(async (member) => [member.name, await sagaEnding(member, sagas)] as const));
  return { sagas: Object.fromEntries(endings), effects: left.map(named).toSorted() };
}

async function sagaEnding({ stored }: Member, sagas: SagaClient): Promise<SagaEnding> {
  const { status, failure, steps } = await sagas.get(stored.row.id).view();
  return {
    status,
    failure: failure && { step: failure.step, code: failure.code, left: failure.left },
    steps: Object.fromEntries(steps.map((step) => [step.step, stepEnding(step)])),
  };
}

const UNDONE = ':compensation';

type StepView = SagaView['steps'][number];

function stepEnding({ status, result, compensation, items }: StepView): unknown {
  if (items) return items.map(stepEnding);
  const isKnownOfNone = compensation === null && (status === 'failed' || status === 'unknown');
  if (isKnownOfNone || compensation?.status === 'compensated') return 'nothing is left';
  return { status, result, compensation: compensation?.status };
}

/** The idempotency keys of all that the journals say is done. */
export function doneFor(family: readonly Member[]): readonly string[] {
  return family.flatMap(({ stored: { row, journal } }) =>
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
