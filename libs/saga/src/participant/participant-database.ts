import { Inject, Injectable, Logger } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { DataSource } from 'typeorm';

import { SagaParticipantError } from './fence-errors.js';
import { FenceSweeper } from './fence-sweeper.js';
import { FencedExecution } from './fenced-execution.js';
import { DATA_SOURCE_NAME, PARTICIPANT_OPTIONS, type ResolvedParticipantOptions } from './participant-options.js';
import type { PostgresFence } from './postgres/postgres-fence.js';
import { Semaphore } from '../store/semaphore.js';

/** Of node-postgres, where the application sets none. */
const DEFAULT_POOL_SIZE = 10;

/** The participant's own database, with its fence. */
@Injectable()
export class ParticipantDatabase {
  private opened:
    | { readonly fence: PostgresFence; readonly execution: FencedExecution; readonly slots: Semaphore; readonly sweeper: FenceSweeper }
    | undefined;

  constructor(
    @Inject(PARTICIPANT_OPTIONS) private readonly options: ResolvedParticipantOptions,
    @Inject(DATA_SOURCE_NAME) private readonly dataSourceName: string,
    private readonly moduleRef: ModuleRef,
  ) {}

  /** @throws SagaParticipantError, SagaStoreError where the database is not as it must be */
  async open(): Promise<void> {
    const dataSource = await this.findDataSource();
    // Loaded late: an application that only starts sagas need not have TypeORM.
    const { openFence } = await import('./postgres/open-fence.js');
    const fence = await openFence(dataSource, this.options);
    this.opened = {
      fence,
      execution: new FencedExecution(fence, this.options.fenceRetentionMs),
      slots: new Semaphore(Math.max(1, Math.floor(poolSizeOf(dataSource) / 2))),
      sweeper: new FenceSweeper(fence, this.options.fenceRetentionMs, new Logger('SagaParticipant')),
    };
  }

  get fence(): PostgresFence {
    return this.whenOpened().fence;
  }

  get execution(): FencedExecution {
    return this.whenOpened().execution;
  }

  get slots(): Semaphore {
    return this.whenOpened().slots;
  }

  startSweeping(): void {
    this.whenOpened().sweeper.start();
  }

  stopSweeping(): void {
    this.opened?.sweeper.stop();
  }

  private whenOpened(): NonNullable<ParticipantDatabase['opened']> {
    if (this.opened === undefined)
      throw new SagaParticipantError(
        'The participant was used before the application was initialised. Call app.init() or app.listen() first.',
      );
    return this.opened;
  }

  private async findDataSource(): Promise<DataSource> {
    const { getDataSourceToken } = await import('@nestjs/typeorm');
    const which = this.dataSourceName === 'default' ? 'no DataSource' : `no DataSource named '${this.dataSourceName}'`;
    let dataSource: DataSource;
    try {
      dataSource = this.moduleRef.get<DataSource>(getDataSourceToken(this.dataSourceName), { strict: false });
    } catch (cause) {
      throw new SagaParticipantError(
        `SagaParticipantModule found ${which}. Import TypeOrmModule.forRoot() in the root module, or say dataSource: '<its name>'.`,
        { cause },
      );
    }
    if (dataSource.options.type !== 'postgres') {
      throw new SagaParticipantError(
        `SagaParticipantModule needs PostgreSQL, and its DataSource is of type '${dataSource.options.type}'. Name another with dataSource: '<its name>'.`,
      );
    }
    return dataSource;
  }
}

function poolSizeOf({ options }: DataSource): number {
  const { poolSize, extra } = options as { poolSize?: number; extra?: { max?: number } };
  return extra?.max ?? poolSize ?? DEFAULT_POOL_SIZE;
}
