import { ConfigurableModuleBuilder, type ConfigurableModuleAsyncOptions } from '@nestjs/common';
import type { ClientProvider } from '@nestjs/microservices';

import type { ExecutionOptions } from './execution/execution-options.js';
import { DEFAULTS } from './planning/defaults.js';
import { type Duration, parseDuration } from './planning/durations.js';
import type { RetryPolicy } from './planning/retry-policy.js';
import { checkSagaOptions } from './saga-options.check.js';
import type { Keeping } from './store/retention.js';

/** Of `SagaModule.forRoot`. All may be left out; nonsense fails the boot, with the name of the option. */
export interface SagaModuleOptions {
  /** Database schema of the library's tables. Default 'saga'. */
  schema?: string;
  /** run: at boot, by one node. check: the boot fails where one is missing. off: they are yours. Default run. */
  migrations?: 'run' | 'check' | 'off';
  /** How this process executes sagas. */
  worker?: {
    /** false: this process starts sagas and asks for them, and executes none. Default true. */
    enabled?: boolean;
    /** Sagas in memory at once. Default 1000. */
    concurrency?: number;
    /** How long a stopping node lets attempts end. Default 10s. */
    shutdownTimeout?: Duration;
    /** How long a silent node keeps its sagas. One whose process ended loses them within a second, unless `pooled` is set. Default 10s. */
    lease?: Duration;
  };
  /** Of steps. What it leaves open: 5 attempts, 200ms × 2 to 30s, full jitter. */
  retry?: RetryPolicy;
  /** Of compensations. What it leaves open: 'unlimited' within 24h, 200ms × 2 to 5m, full jitter. */
  compensationRetry?: RetryPolicy;
  /** One attempt of a method or command. Default 30s. */
  stepTimeout?: Duration;
  /** Remote participants by name: a Nest transport that brings replies. TCP, NATS, RabbitMQ and Redis are what this version is tested with. */
  participants?: Record<string, ClientProvider>;
  /**
   * How long a saga is kept once it has ended. Then its journal, input, results, metadata and failure are deleted; families of sagas go
   * together, once the last of them has ended so long ago. A saga without a key is gone then. 'forever': nothing is deleted. Default 30d.
   */
  retention?: Duration | 'forever';
  /**
   * How long its key is kept once it has ended: so long a start with it finds that saga, and starts none. At least `retention`.
   * Default 'forever'.
   */
  keyRetention?: Duration | 'forever';
  /** How long an event or signal that no saga took is kept. Default 30d. */
  mailboxRetention?: Duration;
  /** Bytes of one stored value. Default 262144 (256 KiB). */
  maxPayload?: number;
  /** How long a timed-out method may go on before it is given up. Default 60s. */
  abandonAfter?: Duration;
  /** Attempts after which an alert is raised. Default 5. */
  alertAfter?: number;
  /** Crashes of one step after which the saga is stuck. Default 5. */
  crashLimit?: number;
  /**
   * The data source goes through a transaction pooler (PgBouncer): no prepared names, LISTEN, session lock or session setting. What another
   * process did is noticed within a second, not at once, and that it was killed when its lease is over. Where it is missing behind one, the
   * boot fails or warns. Default false.
   */
  pooled?: boolean;
}

/** What decides the wiring itself, so it stands beside a factory, not in its result. */
export interface SagaModuleExtras {
  /** memory: nothing outlives the process; for tests and first steps. Default postgres. */
  store?: 'postgres' | 'memory';
  /** Name of the TypeORM data source. Default: the one without a name. */
  dataSource?: string;
}

/** For `useClass` and `useExisting`. */
export interface SagaOptionsFactory {
  /** Called once, at boot. */
  createSagaOptions(): SagaModuleOptions | Promise<SagaModuleOptions>;
}

/** Of `SagaModule.forRootAsync`: where the options come from, and beside it what decides the wiring. */
export type SagaModuleAsyncOptions = ConfigurableModuleAsyncOptions<SagaModuleOptions, 'createSagaOptions'> & SagaModuleExtras;

export const SAGA_EXTRAS = Symbol('nestjs-sagas.extras');

export const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN: SAGA_OPTIONS } = new ConfigurableModuleBuilder<SagaModuleOptions>({
  moduleName: 'Saga',
})
  .setClassMethodName('forRoot')
  .setFactoryMethodName('createSagaOptions')
  .setExtras<SagaModuleExtras>({ store: 'postgres' }, (definition, extras) => ({
    ...definition,
    global: true,
    providers: [...(definition.providers ?? []), { provide: SAGA_EXTRAS, useValue: extras }],
  }))
  .build();

function keepingOf({ retention = DEFAULTS.retention, keyRetention = DEFAULTS.keyRetention }: SagaModuleOptions): Keeping | null {
  if (retention === 'forever') return null;
  const keyRetentionMs = keyRetention === 'forever' ? null : parseDuration(keyRetention, 'keyRetention');
  return { retentionMs: parseDuration(retention, 'retention'), keyRetentionMs };
}

/** @throws RangeError naming the option */
export function executionOptions(options: SagaModuleOptions, extras: SagaModuleExtras): ExecutionOptions {
  checkSagaOptions(options, extras);
  const { worker = {}, abandonAfter, maxPayload, mailboxRetention } = options;
  return {
    workerEnabled: worker.enabled ?? true,
    concurrency: worker.concurrency ?? DEFAULTS.concurrency,
    shutdownTimeoutMs: parseDuration(worker.shutdownTimeout ?? DEFAULTS.shutdownTimeout, 'worker.shutdownTimeout'),
    leaseMs: parseDuration(worker.lease ?? DEFAULTS.lease, 'worker.lease'),
    abandonAfterMs: parseDuration(abandonAfter ?? DEFAULTS.abandonAfter, 'abandonAfter'),
    mailboxRetentionMs: parseDuration(mailboxRetention ?? DEFAULTS.mailboxRetention, 'mailboxRetention'),
    keeping: keepingOf(options),
    maxPayload: maxPayload ?? DEFAULTS.maxPayload,
  };
}
