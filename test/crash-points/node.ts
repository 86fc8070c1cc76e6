import type { Type } from '@nestjs/common';
import { SagaClient } from 'nestjs-sagas';

import { buildSaga } from '../../libs/saga/src/definition/saga-definition.builder.js';
import { readSaga } from '../../libs/saga/src/definition/saga-metadata.accessor.js';
import { type ProvidedSaga, SagaRegistry } from '../../libs/saga/src/definition/saga-registry.js';
import { subjectOf } from '../../libs/saga/src/definition/validation/subject.js';
import type { CommandRoutes } from '../../libs/saga/src/execution/command-dispatcher.js';
import type { Observer } from '../../libs/saga/src/execution/observation.js';
import { SagaRuntime } from '../../libs/saga/src/execution/saga-runtime.js';
import type { Mail } from '../../libs/saga/src/store/mail.js';
import type { SagaStore } from '../../libs/saga/src/store/saga-store.js';
import { type CrashPoint, Life } from './life.js';
import { mortalStore } from './mortal-store.js';

/** Longer than any run: leases end because the test moves the clock, and at no other time. */
export const LEASE_MS = 600_000;

const OPTIONS = {
  concurrency: 1000,
  shutdownTimeoutMs: 0,
  abandonAfterMs: 1,
  mailboxRetentionMs: 3_600_000,
  keeping: null,
  maxPayload: 256 * 1024,
};
/** Pauses so short that no run waits for them. */
const QUICK = { retry: { delay: 1, jitter: 'none' }, compensationRetry: { delay: 1, jitter: 'none' } } as const;

const NOWHERE: CommandRoutes = { participants: new Map(), commandBus: undefined };

/** Makes the saga's object for one node. */
export type MakeSaga = (node: { readonly life: Life; readonly sagas: SagaClient }) => object;

/** What stands around a node. */
export interface Surroundings {
  /** Where its commands go. Default: there is nobody. */
  readonly routes?: CommandRoutes;
  readonly observe?: Observer;
}

/** A class, and what makes its sagas. */
export interface MadeSaga {
  readonly type: Type<object>;
  readonly make: MakeSaga;
}

export interface NodeSetup extends MadeSaga, Surroundings {
  /** More sagas than the one: those that its steps run, or any others. */
  readonly also?: readonly MadeSaga[];
  readonly crashPoint?: CrashPoint;
  /** Default true; false: it only starts sagas. */
  readonly works?: boolean;
  /** Default LEASE_MS. */
  readonly leaseMs?: number;
}

/** A node in this process that dies at a crash point. */
export class CrashingNode {
  readonly type: Type<object>;
  readonly sagas: SagaClient;
  private readonly runtime: SagaRuntime;

  private constructor(
    store: SagaStore,
    readonly life: Life,
    { type, make, also = [], works = true, leaseMs = LEASE_MS, routes = NOWHERE, observe = () => undefined }: NodeSetup,
  ) {
    this.type = type;
    const registry = new SagaRegistry();
    this.runtime = new SagaRuntime({
      registry,
      options: { ...OPTIONS, workerEnabled: works, leaseMs },
      routes: () => routes,
      observe,
      openStore: async () => mortalStore(store, life),
    });
    this.sagas = new SagaClient(this.runtime);
    registry.fill([{ type, make }, ...also].map((saga) => providing(saga.type, saga.make({ life, sagas: this.sagas }))));
  }

  static async boot(store: SagaStore, setup: NodeSetup): Promise<CrashingNode> {
    const node = new CrashingNode(store, new Life(setup.crashPoint), setup);
    const booted = (async () => {
      await node.runtime.open();
      await node.runtime.work();
    })();
    await Promise.race([booted, node.life.died]);
    return node;
  }

  /** A message on its way to a saga. */
  async post(mail: Mail): Promise<void> {
    await this.runtime.post(mail);
  }

  /** Carries what a dead node left lying: it does so every few seconds by itself, and no run waits for that. */
  async sweep(): Promise<void> {
    await this.runtime.mail.sweep();
  }

  /** A dead one is buried, a living one stops. */
  async leave(): Promise<void> {
    if (this.life.isOver) this.life.bury();
    await this.runtime.stop().catch((error: unknown) => {
      if (!this.life.isOver) throw error;
    });
  }
}

/** What the explorer would find in an application. */
function providing(type: Type<object>, instance: object): ProvidedSaga {
  const metadata = readSaga(type);
  if (metadata === undefined) throw new Error(`${type.name} is no saga`);
  const { graph } = subjectOf(metadata);
  return { saga: buildSaga(metadata, graph, QUICK), instances: () => instance };
}
