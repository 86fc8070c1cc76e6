import { Logger } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { DataSource } from 'typeorm';

import { SagaWiringError } from './execution/message-starter.js';
import { DEFAULTS } from './planning/defaults.js';
import type { SagaModuleExtras, SagaModuleOptions } from './saga-module-options.js';
import type { SagaStore } from './store/saga-store.js';

export type OpenStore = () => Promise<SagaStore>;

/** How the store is opened: a provider, so that applications of one test can share a store. */
export const OPEN_STORE = Symbol('nestjs-sagas.open-store');

/** Makes and opens the store that the wiring asks for. TypeORM is loaded only where PostgreSQL is. */
export async function openStore(
  options: SagaModuleOptions,
  { store: kind, dataSource: name }: SagaModuleExtras,
  moduleRef: ModuleRef,
): Promise<SagaStore> {
  const store = kind === 'memory' ? await memoryStore() : await postgresStore(options, await findDataSource(name, moduleRef));
  await store.open();
  return store;
}

async function memoryStore(): Promise<SagaStore> {
  const { InMemorySagaStore } = await import('./store/in-memory/in-memory-saga-store.js');
  new Logger('SagaModule').warn("store: 'memory': sagas end with this process. For anything that must survive it: store: 'postgres'.");
  return new InMemorySagaStore();
}

async function postgresStore({ schema, migrations, pooled }: SagaModuleOptions, dataSource: DataSource): Promise<SagaStore> {
  const { createPostgresSagaStore } = await import('./store/postgres/index.js');
  return createPostgresSagaStore({
    dataSource,
    schema: schema ?? DEFAULTS.schema,
    migrations: migrations ?? DEFAULTS.migrations,
    pooled: pooled ?? DEFAULTS.pooled,
  });
}

async function findDataSource(name: string | undefined, moduleRef: ModuleRef): Promise<DataSource> {
  const missing =
    "SagaModule found no TypeORM data source. Import TypeOrmModule.forRoot(…), name one with dataSource: '…', or use store: 'memory'.";
  try {
    const { getDataSourceToken } = await import('@nestjs/typeorm');
    return moduleRef.get<DataSource>(getDataSourceToken(name), { strict: false });
  } catch (cause) {
    throw new SagaWiringError(name === undefined ? missing : `${missing} (It looks for the one named '${name}'.)`, { cause });
  }
}
