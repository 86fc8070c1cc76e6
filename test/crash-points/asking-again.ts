import { randomUUID } from 'node:crypto';

import type { Type } from '@nestjs/common';
import { type SagaClient, type SagaHandle, SagaOperationError } from 'nestjs-sagas';

import { readDefinition } from '../../libs/saga/src/definition/saga-metadata.js';
import type { CrashingNode } from './node.js';

type Handle = SagaHandle<object>;

/** The node that lives, at any moment, or will. */
export type LivingNode = () => Promise<CrashingNode>;

/**
 * A client for one who gets no answer from a dead node, and asks the next one: the same start under its key, the same signal under its
 * dedupe id. A command that is refused then was carried out before. [R6, R16, R27]
 */
export function askingAgain(living: LivingNode): SagaClient {
  const start = async (type: Type<object>, input: never, options: Parameters<SagaClient['start']>[2] = {}) => {
    const key = options.key ?? (readDefinition(type)?.key === undefined ? randomUUID() : undefined);
    const handle = await ask(living, async ({ sagas }) => sagas.start(type, input, { ...options, ...(key !== undefined && { key }) }));
    return handleAskingAgain(living, handle);
  };
  const findByKey = async (type: Type<object>, key: string) => {
    const found = await ask(living, async ({ sagas }) => sagas.findByKey(type, key));
    return found && handleAskingAgain(living, found);
  };
  const find = async (query: Parameters<SagaClient['find']>[0]) => ask(living, async ({ sagas }) => sagas.find(query));
  return { start, findByKey, find } as unknown as SagaClient;
}

function handleAskingAgain(living: LivingNode, { id, created }: Handle): Handle {
  const on = async <T>(question: (saga: Handle) => Promise<T>): Promise<T> =>
    ask(living, async ({ sagas }) => question(sagas.get<object>(id)));
  return {
    id,
    created,
    view: async () => on(async (saga) => saga.view()),
    journal: async () => on(async (saga) => saga.journal()),
    result: async (options) => on(async (saga) => saga.result(options)),
    cancel: async (reason) => on(async (saga) => saga.cancel(reason)),
    signal: async (signal, payload, options = {}) => {
      const { dedupeId = randomUUID() } = options;
      await on(async (saga) => saga.signal(signal, payload, { ...options, dedupeId }));
    },
    retry: async (by) => on(async (saga) => saga.retry(by)),
    skip: async (step, by) => on(async (saga) => saga.skip(step, by)),
    resolve: async (step, by) => on(async (saga) => saga.resolve(step, by)),
    compensate: async (by) => on(async (saga) => saga.compensate(by)),
    pause: async (by) => on(async (saga) => saga.pause(by)),
    resume: async (by) => on(async (saga) => saga.resume(by)),
  };
}

async function ask<T>(living: LivingNode, question: (node: CrashingNode) => Promise<T>): Promise<T> {
  for (let isFirst = true; ; isFirst = false) {
    const node = await living();
    try {
      const answer = await Promise.race([question(node).then((given) => ({ given })), node.life.died]);
      if (answer !== 'died') return answer.given;
    } catch (error) {
      if (isFirst || !(error instanceof SagaOperationError)) throw error;
      return undefined as T;
    }
  }
}
