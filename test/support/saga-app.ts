import {
  type DynamicModule,
  Global,
  type INestApplicationContext,
  type InjectionToken,
  Module,
  type Provider,
  type Type,
} from '@nestjs/common';
import { CqrsModule, EventBus } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { type SagaHandle, SagaClient, SagaLifecycleEvent, SagaModule, type SagaModuleExtras, type SagaModuleOptions } from 'nestjs-sagas';

import { OPEN_STORE, type OpenStore } from '../../libs/saga/src/saga-store.factory.js';
import { type LogLine, RecordingLogger } from './recording-logger.js';
import { transcriptOf } from './transcript.js';
import { World } from './world.js';

type Imports = readonly (Type<unknown> | DynamicModule)[];

/** Where sagas are kept in a story: as many applications as it needs share it, one after another or at once. */
export interface SagaPlace {
  /** Of one application. */
  imports(): Imports;
  readonly options: SagaModuleOptions & SagaModuleExtras;
  /** Where the application's own way to its store would not lead to the place. */
  readonly openStore?: OpenStore;
  /** Moves what is due, and the leases of nodes: those that work meanwhile lose theirs. */
  pass(ms: number): Promise<void>;
  leave(): Promise<void>;
}

/** A store that a story can be told on. */
export interface StoryStore {
  readonly name: 'memory' | 'postgres';
  /** A place without sagas. */
  open(): Promise<SagaPlace>;
  /** How a story is told again whose end must stay the same. */
  readonly retellings?: readonly Retelling[];
}

/** A story that is told again, each time with something going wrong. */
export interface Retelling {
  /** What goes wrong: begins the test's title. */
  readonly title: string;
  readonly tell: (types: readonly Type<object>[], tell: (telling: Telling) => Promise<void>) => Promise<void>;
}

/** A story as it is told once. */
export interface Telling {
  readonly world: World;
  readonly sagas: SagaClient;
}

export interface SagaAppSetup {
  readonly sagas: readonly Type<object>[];
  readonly providers?: readonly Provider[];
  readonly options?: SagaModuleOptions;
  readonly imports?: Imports;
  /** Instead of `SagaModule.forRoot(options)`. */
  readonly wiring?: DynamicModule;
}

/** Pauses so short that no story waits for them. */
const QUICK: SagaModuleOptions = { retry: { delay: 1, jitter: 'none' }, compensationRetry: { delay: 1, jitter: 'none' } };

/** An application of a story, as its tests see it. */
export class SagaApp {
  /** Lifecycle events, in the order of their arrival. */
  readonly heard: SagaLifecycleEvent[] = [];
  private closing: Promise<void> | undefined;

  constructor(
    readonly nest: INestApplicationContext,
    readonly logger: RecordingLogger,
  ) {
    this.nest.get(EventBus, { strict: false }).subscribe((event) => {
      if (event instanceof SagaLifecycleEvent) this.heard.push(event);
    });
  }

  get sagas(): SagaClient {
    return this.nest.get(SagaClient, { strict: false });
  }

  get<T>(token: InjectionToken<T>): T {
    return this.nest.get<T>(token, { strict: false });
  }

  /** What the library said in the log about one saga. */
  log(handle: SagaHandle<never> | { readonly id: string }): readonly LogLine[] {
    return this.logger.of('Saga').filter(({ fields }) => fields['sagaId'] === handle.id);
  }

  close(): Promise<void> {
    return (this.closing ??= this.nest.close());
  }
}

/** What a saga has been through. */
export async function told(handle: Pick<SagaHandle, 'journal'>): Promise<readonly string[]> {
  return transcriptOf(await handle.journal());
}

/** The error that a promise rejects with. */
export async function errorOf<E extends Error>(promise: Promise<unknown>, type: abstract new (...args: never[]) => E): Promise<E> {
  const error: unknown = await promise.then(
    () => new Error('it resolved'),
    (reason: unknown) => reason,
  );
  if (error instanceof type) return error;
  throw error;
}

/** What a story has at hand. */
export interface Stage {
  readonly store: StoryStore['name'];
  /** A new one for each test; also a provider of every application. */
  world(): World;
  boot(setup: SagaAppSetup): Promise<SagaApp>;
  place(): SagaPlace;
  /**
   * A story whose end no crash changes, and no action that is done twice: of one application of these sagas, which need nothing but the
   * world. It is told as it is, and, where the store knows how, again with each of these. [R19]
   */
  survives(title: string, sagas: readonly Type<object>[], story: SurvivingStory): void;
}

/** @param calmly looks at what a crash may change, where there is none: attempts, transcripts, what is told in events and logs */
type SurvivingStory = (
  app: Pick<SagaApp, 'sagas'>,
  calmly: (look: (app: SagaApp) => void | Promise<void>) => Promise<void>,
) => Promise<void>;

/** Tells a story on a store. Each test has a place and a world of its own, and leaves nothing running. */
export function describeStory(title: string, store: StoryStore, tell: (stage: Stage) => void): void {
  describe(title, () => {
    let place: SagaPlace;
    let world: World;
    let telling: Telling | undefined;
    const apps: SagaApp[] = [];
    const bootHere = async (setup: SagaAppSetup): Promise<SagaApp> => {
      const app = await boot(place, world, setup);
      apps.push(app);
      return app;
    };

    beforeEach(async () => {
      place = await store.open();
      world = new World();
    });
    afterEach(async () => {
      world.openAll();
      await Promise.all(apps.splice(0).map(async (app) => app.close()));
      await place.leave();
    });

    tell({
      store: store.name,
      world: () => telling?.world ?? world,
      place: () => place,
      boot: bootHere,
      survives: (name, sagas, story) => {
        it(name, async () => {
          const app = await bootHere({ sagas });
          await story(app, async (look) => look(app));
        });
        for (const { title: again, tell: tellAgain } of store.retellings ?? []) {
          it(`${again}: ${name}`, async () => {
            await tellAgain(sagas, async (next) => {
              telling = next;
              await story(next, async () => undefined).finally(() => (telling = undefined));
            });
          });
        }
      },
    });
  });
}

async function boot(
  place: SagaPlace,
  world: World,
  { sagas, providers = [], options, imports = [], wiring }: SagaAppSetup,
): Promise<SagaApp> {
  @Global()
  @Module({ providers: [{ provide: World, useValue: world }], exports: [World] })
  class WorldModule {}

  const logger = new RecordingLogger();
  const testing = Test.createTestingModule({
    imports: [
      WorldModule,
      CqrsModule.forRoot(),
      ...place.imports(),
      ...imports,
      wiring ?? SagaModule.forRoot({ ...place.options, ...QUICK, ...options }),
    ],
    providers: [...sagas, ...providers],
  }).setLogger(logger);
  if (place.openStore !== undefined) testing.overrideProvider(OPEN_STORE).useValue(place.openStore);
  const module = await testing.compile();
  const app = new SagaApp(module, logger);
  try {
    await module.init();
  } catch (error) {
    await module.close();
    throw error;
  }
  return app;
}
