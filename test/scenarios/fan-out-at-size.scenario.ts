import { Compensate, SagaCompensatedError, SagaContext, SagaDefinition, type SagaView, SagaStep, StepRejected } from 'nestjs-sagas';

import { describeStory, errorOf, type StoryStore } from '../support/saga-app.js';
import { World } from '../support/world.js';

const ITEMS = 1_000;
const AT_ONCE = 50;

interface Manifest {
  readonly parcels: number;
  readonly isStopped: boolean;
}

/** Of ten parcels the fourth slips once, and the eighth is refused. */
const slips = (parcel: number): boolean => parcel % 10 === 3;
const isRefused = (parcel: number): boolean => parcel % 10 === 7;

@SagaDefinition<Manifest>({ name: 'freight', retry: { attempts: 3 } })
class FreightSaga {
  private atWork = 0;

  constructor(private readonly world: World) {}

  @SagaStep({
    each: ({ input }: SagaContext<Manifest>) => Array.from({ length: input.parcels }, (_, parcel) => parcel),
    concurrency: AT_ONCE,
    onRejected: 'continue',
  })
  async load(context: SagaContext<Manifest, unknown, number>): Promise<string | undefined> {
    await this.work('loading', async () => this.world.did(`load ${context.item}`, context));
    if (slips(context.item) && context.attempt === 1) throw new Error('it slipped');
    if (isRefused(context.item)) throw new StepRejected('TOO_HEAVY');
    return `at ${context.item}`;
  }

  @Compensate('load')
  async unload(context: SagaContext<Manifest, unknown, number>, place: string | undefined) {
    await this.work('unloading', async () => this.world.did(`unload ${context.item} ${place}`, context));
  }

  @SagaStep({ kind: 'readonly' })
  async leave({ input, results }: SagaContext<Manifest, FreightSaga>) {
    if (input.isStopped) throw new StepRejected('STORM');
    return results.load.filter((place) => place !== undefined).length;
  }

  /** Notes when more are at work than ever before. */
  private async work(what: string, doIt: () => Promise<void>): Promise<void> {
    this.atWork += 1;
    if (this.atWork > AT_ONCE) this.world.did(`${this.atWork} at once`);
    await new Promise(setImmediate);
    await doIt();
    this.atWork -= 1;
    if (this.atWork < 0) this.world.did(`${what} ends twice`);
  }
}

const PARCELS = Array.from({ length: ITEMS }, (_, parcel) => parcel);
const LOADED = PARCELS.filter((parcel) => !isRefused(parcel));

export function tellFanOutAtSize(store: StoryStore): void {
  describeStory('a step of a thousand items', store, ({ boot, world }) => {
    const loadOf = (view: SagaView) => view.steps[0]?.items ?? [];

    it('R8, R9: each is tried, refused and told of by itself; the results keep their order', async () => {
      const app = await boot({ sagas: [FreightSaga] });
      const saga = await app.sagas.start(FreightSaga, { parcels: ITEMS, isStopped: false });
      const { load, leave } = await saga.result({ timeout: '100s' });
      expect(leave).toBe(LOADED.length);
      expect(load).toEqual(PARCELS.map((parcel) => (isRefused(parcel) ? undefined : `at ${parcel}`)));
      const items = loadOf(await saga.view());
      expect(items.map(({ status, attempts }) => `${status} ${attempts}`)).toEqual(
        PARCELS.map((parcel) => `${isRefused(parcel) ? 'failed' : 'succeeded'} ${slips(parcel) ? 2 : 1}`),
      );
      expect(world().calls.get(`${saga.id}:load[3]`)).toBe(2);
      expect(world().deeds.filter((deed) => !deed.startsWith('load'))).toEqual([]);
    }, 120_000);

    it('R8, R10, R13: and each that was done is undone, by its own result, no more of them at once than were done', async () => {
      const app = await boot({ sagas: [FreightSaga] });
      const saga = await app.sagas.start(FreightSaga, { parcels: ITEMS, isStopped: true });
      const { failure } = await errorOf(saga.result({ timeout: '100s' }), SagaCompensatedError);
      expect(failure).toMatchObject({ step: 'leave', kind: 'rejected', code: 'STORM' });
      const items = loadOf(await saga.view());
      expect(items.map(({ compensation }) => compensation?.status)).toEqual(
        PARCELS.map((parcel) => (isRefused(parcel) ? undefined : 'compensated')),
      );
      const undone = world().deeds.filter((deed) => !deed.startsWith('load'));
      expect(undone.toSorted()).toEqual(LOADED.map((parcel) => `unload ${parcel} at ${parcel}`).toSorted());
    }, 120_000);
  });
}
