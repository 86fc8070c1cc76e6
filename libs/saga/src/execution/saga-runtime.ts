import type { RegisteredSaga } from '../definition/registered-saga.js';
import type { SagaRegistry } from '../definition/saga-registry.js';
import type { Mail } from '../store/mail.js';
import type { SagaStore } from '../store/saga-store.js';
import { SagaStoreError } from '../store/store-errors.js';
import { AttemptRunner } from './attempt-runner.js';
import { BootWatch } from './boot-watch.js';
import { ChildSagas } from './child-sagas.js';
import { CommandDispatcher, type CommandRoutes } from './command-dispatcher.js';
import { EndWatch } from './end-watch.js';
import type { ExecutionOptions } from './execution-options.js';
import type { Observer } from './observation.js';
import { MailCarrier } from './mail-carrier.js';
import { RetentionSweep } from './retention-sweep.js';
import { SagaClock } from './saga-clock.js';
import { healthOf, type SagaHealth } from './saga-health.js';
import { SagaReader } from './saga-reader.js';
import { SagaStarter, type Started } from './saga-starter.js';
import { SagaVersions } from './saga-versions.js';
import { SagaWorker } from './saga-worker.js';
import type { HandleParts } from './stored-saga-handle.js';
import { type Chore, Sweeper } from './sweeper.js';

export interface RuntimeParts {
  readonly registry: SagaRegistry;
  readonly options: ExecutionOptions;
  readonly routes: () => CommandRoutes;
  readonly observe: Observer;
  readonly openStore: () => Promise<SagaStore>;
}

interface Opened {
  readonly store: SagaStore;
  readonly starter: SagaStarter;
  readonly reader: SagaReader;
  readonly worker: SagaWorker;
  readonly mail: MailCarrier;
  /** Undefined: what has ended is kept for ever. */
  readonly retention: RetentionSweep | undefined;
  readonly sweepers: readonly Sweeper[];
}

/** Everything that executes sagas in this process, put together once the store is open. */
export class SagaRuntime {
  readonly registry: SagaRegistry;
  readonly handleParts: HandleParts;
  private readonly clock = new SagaClock();
  private readonly ends = new EndWatch();
  private readonly boot = new BootWatch();
  private opened: Opened | undefined;
  private isClosed = false;
  private readonly observe: Observer = (observation) => {
    this.ends.observe(observation);
    this.parts.observe(observation);
  };
  private readonly opening = new Gate();
  private readonly working = new Gate();

  constructor(private readonly parts: RuntimeParts) {
    this.registry = parts.registry;
    // oxlint-disable-next-line typescript/no-this-alias -- in a getter of an object literal, `this` is that object
    const runtime = this;
    this.handleParts = {
      get store() {
        return runtime.store;
      },
      get mail() {
        return runtime.mail;
      },
      registry: this.registry,
      get reader() {
        return runtime.reader;
      },
      clock: this.clock,
      observe: this.observe,
      ready: async () => this.whenOpen(),
      endSeen: async (sagaId, withinMs) => this.ends.seen(sagaId, withinMs),
      runsHere: (sagaId) => this.opened?.worker.runs(sagaId) === true,
    };
  }

  get store(): SagaStore {
    return this.require().store;
  }

  get starter(): SagaStarter {
    return this.require().starter;
  }

  get mail(): MailCarrier {
    return this.require().mail;
  }

  get reader(): SagaReader {
    return this.require().reader;
  }

  /** Undefined: what has ended is kept for ever. */
  get retention(): RetentionSweep | undefined {
    return this.require().retention;
  }

  /** Resolves when sagas can be started. */
  whenOpen(): Promise<void> {
    return this.opening.passed;
  }

  /** Resolves when sagas can be executed, too. */
  whenReady(): Promise<void> {
    this.boot.waitedFor();
    return this.working.passed;
  }

  async open(): Promise<void> {
    const { registry, options, routes, openStore } = this.parts;
    const store = await openStore();
    const { observe } = this;
    const asked = performance.now();
    this.clock.sync(await store.now(), asked);
    const versions = new SagaVersions(store, registry);
    await versions.register();
    const children = new ChildSagas({ store, clock: this.clock, registry, observe });
    const runner = new AttemptRunner(new CommandDispatcher(routes), options, children);
    const mail = new MailCarrier({ store, clock: this.clock, observe });
    const retention = options.keeping === null ? undefined : new RetentionSweep(store.retention, options.keeping, observe);
    const worker = new SagaWorker({
      store,
      mail,
      children,
      clock: this.clock,
      registry,
      versions,
      runner,
      observe,
      ends: this.ends,
      options,
    });
    const starter = new SagaStarter({ store, clock: this.clock, worker, observe });
    const sweepers = this.sweepers(mail, retention);
    this.opened = { store, worker, mail, retention, sweepers, starter, reader: new SagaReader(store, versions) };
    this.opening.open();
  }

  async work(): Promise<void> {
    if (this.parts.options.workerEnabled) {
      const { worker, sweepers } = this.require();
      await worker.start();
      for (const sweeper of sweepers) sweeper.start();
    }
    this.boot.over();
    this.working.open();
  }

  async stop(): Promise<void> {
    await Promise.all(this.opened?.sweepers.map(async (sweeper) => sweeper.stop()) ?? []);
    await this.opened?.worker.stop();
  }

  /** Whoever still waits for a result learns it: in memory nobody would ever answer, and the process would not end. */
  async close(): Promise<void> {
    const { opened } = this;
    this.opened = undefined;
    this.isClosed = true;
    this.boot.over();
    this.ends.tellAll();
    await opened?.mail.idle();
    await opened?.store.close();
  }

  start(registered: RegisteredSaga, input: unknown): Promise<Started> {
    return this.starter.start(registered, input);
  }

  async post(mail: Mail): Promise<void> {
    await this.whenOpen();
    await this.mail.post(mail);
  }

  async health(): Promise<SagaHealth> {
    await this.whenOpen();
    const { store, worker } = this.require();
    return healthOf({ store, worker, registry: this.registry, workerEnabled: this.parts.options.workerEnabled });
  }

  private sweepers(mail: MailCarrier, retention: RetentionSweep | undefined): readonly Sweeper[] {
    const { mailboxRetentionMs } = this.parts.options;
    const chores: Chore[] = [
      { everyMs: MAIL_SWEEP_MS, doing: 'look for messages that were left lying', sweep: async () => mail.sweep() },
      {
        everyMs: RETENTION_SWEEP_MS,
        doing: 'delete messages that nobody took',
        sweep: async (mayGoOn) => mail.forget(mailboxRetentionMs, mayGoOn),
      },
    ];
    if (retention !== undefined)
      chores.push({ everyMs: RETENTION_SWEEP_MS, doing: 'delete what has ended', sweep: async (mayGoOn) => retention.sweep(mayGoOn) });
    return chores.map((chore) => new Sweeper(chore, this.observe));
  }

  private require(): Opened {
    if (this.opened !== undefined) return this.opened;
    if (this.isClosed)
      throw new SagaStoreError('The application has shut down, and the saga store with it. Sagas go on where it runs again.');
    throw new SagaStoreError(
      'The saga store is not open yet. It opens when the modules initialise: send what starts a saga from onModuleInit on.',
    );
  }
}

/** A message whose carrier died waits this long at most. */
const MAIL_SWEEP_MS = 5_000;

/** What is kept for days need not go by the second; looked for more often it would cost an idle node its few queries. */
const RETENTION_SWEEP_MS = 60_000;

class Gate {
  open: () => void = () => undefined;
  readonly passed = new Promise<void>((resolve) => (this.open = resolve));
}
