import type { SagaGraph } from '../saga-store.js';
import type { MakeStore, StoreUnderTest } from './store-under-test.js';

const PACKING: SagaGraph = { hash: 'packing', steps: [{ name: 'pack', after: [], kind: 'compensatable' }] };
const POSTING: SagaGraph = {
  hash: 'posting',
  steps: [...PACKING.steps, { name: 'post', after: ['pack'], kind: 'pivot' }],
};

export function describeGraphs(makeStore: MakeStore): void {
  describe('graphs', () => {
    let under: StoreUnderTest;
    beforeAll(async () => void (under = await makeStore()));
    afterAll(() => under.close());

    it('R23: are found by their hash, by every process', async () => {
      await under.store.registerGraphs([POSTING, PACKING]);
      const other = await under.another();
      await expect(other.findGraph('packing')).resolves.toEqual(PACKING.steps);
      await expect(other.findGraph('posting')).resolves.toEqual(POSTING.steps);
      await expect(other.findGraph('no such hash')).resolves.toBeUndefined();
    });

    it('R23: may be registered again, by many at once: the first one stays', async () => {
      const other = await under.another();
      await Promise.all(
        [under.store, other, under.store, other].map(async (store, index) =>
          store.registerGraphs(index % 2 === 0 ? [PACKING, POSTING] : [POSTING, PACKING]),
        ),
      );
      await under.store.registerGraphs([{ hash: 'packing', steps: [] }]);
      await expect(under.store.findGraph('packing')).resolves.toEqual(PACKING.steps);
      await expect(under.store.registerGraphs([])).resolves.toBeUndefined();
    });

    it('are copies', async () => {
      const steps = [{ name: 'wait', after: [], kind: 'readonly' as const }];
      await under.store.registerGraphs([{ hash: 'waiting', steps }]);
      steps.pop();
      await expect(under.store.findGraph('waiting')).resolves.toHaveLength(1);
    });
  });
}
