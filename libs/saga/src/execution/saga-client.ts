import { Injectable, type Type } from '@nestjs/common';

import type { SagaInput, SagaPayload } from '../definition/step-types.js';
import { readDefinition } from '../definition/saga-metadata.js';
import type { SagaStatus } from '../planning/saga-status.js';
import type { SagaView } from '../planning/view.js';
import type { SagaHealth } from './saga-health.js';
import type { SagaHandle } from './saga-handle.js';
import type { StartOptions } from './saga-starter.js';
import { SagaRuntime } from './saga-runtime.js';
import { StoredSagaHandle } from './stored-saga-handle.js';

/** Which sagas to find. What is left out does not narrow. */
export interface SagaQuery {
  /** Of the definition, all versions. */
  name?: string;
  /** One, or any of several. */
  status?: SagaStatus | SagaStatus[];
  /** Business key, exactly. */
  key?: string;
  /** By the database's clock. */
  startedAfter?: Date;
  /** By the database's clock. */
  startedBefore?: Date;
  /** Default 50, at most 500. */
  limit?: number;
  /** `next` of the page before. */
  cursor?: string;
}

/** One page of what `find` found. */
export interface SagaPage {
  /** Newest first. */
  readonly items: readonly SagaView[];
  /** Cursor of the next page; left out: there is none. */
  readonly next?: string;
}

const DEFAULT_LIMIT = 50;
const LARGEST_LIMIT = 500;

/** Starts sagas, and finds them again. Injectable wherever `SagaModule.forRoot` is imported. */
@Injectable()
export class SagaClient {
  constructor(private readonly runtime: SagaRuntime) {}

  /**
   * Records a saga; it is durable when this resolves (with `manager`: when that transaction commits).
   *
   * @throws SagaInputError: nothing was recorded
   * @throws SagaConflictError: the key was started before, with another input
   */
  async start<S extends object>(saga: Type<S>, input: SagaPayload<SagaInput<S>>, options: StartOptions = {}): Promise<SagaHandle<S>> {
    await this.runtime.whenOpen();
    const { id, created } = await this.runtime.starter.start(this.runtime.registry.ofType(saga), input, options);
    return new StoredSagaHandle<S>(this.runtime.handleParts, id, created);
  }

  /** A handle asks the store when it is used: whether there is such a saga shows then. */
  get<S = unknown>(sagaId: string): SagaHandle<S>;
  get<S extends object>(saga: Type<S>, sagaId: string): SagaHandle<S>;
  get<S extends object>(sagaOrId: Type<S> | string, sagaId?: string): SagaHandle<S> {
    const id = typeof sagaOrId === 'string' ? sagaOrId : (sagaId ?? '');
    return new StoredSagaHandle<S>(this.runtime.handleParts, id, false);
  }

  /** The saga with this business key, null where none was started. */
  async findByKey<S extends object>(saga: Type<S>, key: string): Promise<SagaHandle<S> | null> {
    await this.runtime.whenOpen();
    const name = readDefinition(saga)?.name ?? this.runtime.registry.ofType(saga).definition.name;
    const row = await this.runtime.store.findByKey(name, key);
    return row === undefined ? null : new StoredSagaHandle<S>(this.runtime.handleParts, row.id, false);
  }

  /** One that ended longer ago than `retention` is there as long as its key is kept, `emptied`. */
  async find({ status, startedAfter, startedBefore, limit = DEFAULT_LIMIT, ...query }: SagaQuery = {}): Promise<SagaPage> {
    await this.runtime.whenOpen();
    const { items, next } = await this.runtime.store.list({
      ...query,
      limit: Math.min(Math.max(1, limit), LARGEST_LIMIT),
      ...(status !== undefined && { statuses: [status].flat() }),
      ...(startedAfter && { startedAfter: startedAfter.getTime() }),
      ...(startedBefore && { startedBefore: startedBefore.getTime() }),
    });
    return { items: await Promise.all(items.map(async (stored) => this.runtime.reader.view(stored))), ...(next !== undefined && { next }) };
  }

  /** How this process stands, and which sagas no node takes: for a health probe. Never rejects for a store that does not answer. */
  health(): Promise<SagaHealth> {
    return this.runtime.health();
  }

  /**
   * Resolves when sagas can be executed here: the tables are there, and this node has its lease. Starting one needs no wait
   * for it: `start` resolves as soon as the store is open.
   *
   * Await it once `app.init()` or `app.listen()` has resolved, or in what serves a readiness probe. It resolves at the end of
   * the boot: awaited in a factory or in `onModuleInit` (or in the `onApplicationBootstrap` of a module whose turn is before
   * SagaModule's) it holds up the boot, and itself, for ever. After five seconds a warning says so.
   */
  whenReady(): Promise<void> {
    return this.runtime.whenReady();
  }
}
