import { Compensate, SagaCompensatedError, SagaContext, SagaDefinition, SagaStep, StepRejected } from 'nestjs-sagas';
import { concat, defer, EMPTY, finalize, from, mergeMap, NEVER, type Observable, of, tap } from 'rxjs';

import { describeStory, errorOf, type StoryStore, told } from '../support/saga-app.js';
import { World } from '../support/world.js';

@SagaDefinition({ name: 'streaming' })
class StreamingSaga {
  @SagaStep({ kind: 'readonly' })
  several() {
    return of('first', 'last');
  }

  @SagaStep({ kind: 'readonly' })
  async later() {
    return Promise.resolve(from([new Date(0)]));
  }

  @SagaStep({ kind: 'readonly' })
  none(): Observable<undefined> {
    return EMPTY;
  }

  @SagaStep({ kind: 'readonly', each: () => [1, 2] })
  each({ item, results }: SagaContext<unknown, StreamingSaga, number>) {
    return of(`${results.several} ${item}`);
  }
}

@SagaDefinition<{ readonly refused: boolean }>({ name: 'uploading', retry: { attempts: 2 } })
class UploadingSaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  upload({ input, attempt }: SagaContext<{ readonly refused: boolean }>): Observable<string> {
    const parts = defer(() => of(1, 2).pipe(tap((part) => this.world.did(`part ${part}#${attempt}`))));
    const broken = mergeMap(async (part: number) => {
      if (part === 2 && attempt === 1) throw new Error('torn');
      if (part === 2 && input.refused) throw new StepRejected('TOO_LARGE');
      return `part ${part}`;
    }, 1);
    return parts.pipe(broken);
  }

  @Compensate('upload')
  remove() {
    return concat(of(1), of(2)).pipe(finalize(() => this.world.did('all removed')));
  }

  @SagaStep({ kind: 'readonly' })
  async check() {
    this.world.did('check');
    throw new StepRejected('BAD');
  }
}

@SagaDefinition({ name: 'listening' })
class ListeningSaga {
  constructor(private readonly world: World) {}

  @SagaStep({ kind: 'readonly' })
  listen() {
    void this.world.gate('listening').pass();
    return NEVER.pipe(finalize(() => this.world.did('hung up')));
  }
}

export function tellObservables(store: StoryStore): void {
  describeStory('steps that return an observable', store, ({ boot, world }) => {
    it('resolve with its last value, undefined where it has none', async () => {
      const app = await boot({ sagas: [StreamingSaga] });
      const saga = await app.sagas.start(StreamingSaga, {});
      expect(await saga.result()).toEqual({ several: 'last', later: new Date(0), none: undefined, each: ['last 1', 'last 2'] });
    });

    it('R9: fail where it fails, and are tried again from its beginning; a compensation is done when its observable completes', async () => {
      const app = await boot({ sagas: [UploadingSaga] });
      const saga = await app.sagas.start(UploadingSaga, { refused: false });
      await errorOf(saga.result(), SagaCompensatedError);
      expect(world().deeds).toEqual(['part 1#1', 'part 2#1', 'part 1#2', 'part 2#2', 'check', 'all removed']);
      expect(await told(saga)).toContain('upload fails: torn');
    });

    it('R9: are refused where it fails with a refusal', async () => {
      const app = await boot({ sagas: [UploadingSaga] });
      const saga = await app.sagas.start(UploadingSaga, { refused: true });
      expect((await errorOf(saga.result(), SagaCompensatedError)).failure).toMatchObject({ step: 'upload', code: 'TOO_LARGE' });
    });

    it('R22: are unsubscribed when their node stops', async () => {
      const app = await boot({ sagas: [ListeningSaga], options: { worker: { shutdownTimeout: 1 } } });
      await app.sagas.start(ListeningSaga, {});
      await world().gate('listening').reached;
      await app.close();
      expect(world().deeds).toEqual(['hung up']);
    });
  });
}
