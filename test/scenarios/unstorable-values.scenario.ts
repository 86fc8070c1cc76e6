import { Compensate, SagaCompensatedError, SagaContext, SagaDefinition, SagaInputError, SagaStep, StepRejected } from 'nestjs-sagas';

import { describeStory, errorOf, type StoryStore, told } from '../support/saga-app.js';
import { World } from '../support/world.js';

type Thing = readonly [what: string, make: () => unknown, complaint: string];

const TOO_LARGE = 'x'.repeat(300 * 1024);

/** Inside `{ report: { page: … } }`. */
const THINGS: readonly Thing[] = [
  ['a function', () => () => 1, 'is a function and does not survive storage; leave it out'],
  ['a symbol', () => Symbol('s'), 'is a symbol and does not survive storage; leave it out'],
  ['a BigInt', () => 1n, 'is a BigInt and does not survive storage; use a string or a number'],
  ['a Map', () => new Map(), 'is a Map and does not survive storage; use plain objects, lists, strings, numbers and dates'],
  ['NaN', () => Number.NaN, 'is NaN and does not survive storage; use a finite number, or null'],
  ['U+0000', () => 'a\0b', 'contains U+0000, which PostgreSQL cannot store; remove it'],
  ['a lone surrogate', () => '\ud800', 'contains a lone surrogate, half of a character; use toWellFormed(), or base64 for bytes'],
  ['an invalid date', () => new Date('nonsense'), 'is an invalid Date'],
];

@SagaDefinition<{ make: string }>({ name: 'reporting' })
class ReportingSaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  async report({ input }: SagaContext<{ make: string }>): Promise<unknown> {
    this.world.did('report');
    const made = THINGS.find(([what]) => what === input.make)?.[1]();
    return { report: { page: made } };
  }

  @Compensate('report')
  async withdraw(): Promise<unknown> {
    this.world.did('withdraw');
    return new Map([['what a compensation returns', 'is nobody’s']]);
  }
}

@SagaDefinition<unknown>({ name: 'taking-anything' })
class TakingAnythingSaga {
  @SagaStep({ kind: 'readonly' })
  async take({ input }: SagaContext) {
    return input;
  }
}

@SagaDefinition({ name: 'detailed-refusal' })
class DetailedRefusalSaga {
  constructor(private readonly world: World) {}

  @SagaStep()
  async book() {
    return 1;
  }

  @Compensate('book')
  async unbook({ reason }: Parameters<typeof describeReason>[0]) {
    this.world.did(describeReason({ reason }));
  }

  @SagaStep({ kind: 'readonly' })
  async check() {
    throw new StepRejected('TOO_LATE', 'too late', { closedAt: new Date('2026-01-01T00:00:00.000Z') });
  }
}

const describeReason = ({ reason }: { reason: { details?: unknown } }): string =>
  `closed at ${(reason.details as { closedAt: Date }).closedAt.toISOString()}`;

export function tellUnstorableValues(store: StoryStore): void {
  describeStory('values that cannot be stored', store, ({ boot, world }) => {
    it.each(THINGS)('R5: a step that returns %s is undone, and the error names saga, step and path', async (what, _make, complaint) => {
      const app = await boot({ sagas: [ReportingSaga] });
      const saga = await app.sagas.start(ReportingSaga, { make: what });
      const { failure } = await errorOf(saga.result(), SagaCompensatedError);
      expect(failure).toEqual({
        step: 'report',
        kind: 'failed',
        code: 'SAGA_PAYLOAD',
        message: `reporting.report: the result.report.page ${complaint}.`,
      });
      expect(world().deeds).toEqual(['report', 'withdraw']);
    });

    it('R5: what a compensation returns is not stored, and may be anything', async () => {
      const app = await boot({ sagas: [ReportingSaga] });
      const saga = await app.sagas.start(ReportingSaga, { make: 'a Map' });
      await errorOf(saga.result(), SagaCompensatedError);
      expect((await told(saga)).slice(-3)).toEqual(['undo report starts', 'undo report succeeded', 'the saga is compensated']);
    });

    it.each(THINGS)('R5: an input with %s is refused before anything is recorded', async (_what, make, complaint) => {
      const app = await boot({ sagas: [TakingAnythingSaga] });
      const refused = await errorOf(app.sagas.start(TakingAnythingSaga, { report: { page: make() } }), SagaInputError);
      expect(refused.message).toBe(`taking-anything was not started: input.report.page ${complaint}.`);
      expect(refused).toMatchObject({ code: 'SAGA_INPUT', saga: 'taking-anything', issues: [{ path: 'report.page', message: complaint }] });
      expect((await app.sagas.find()).items).toEqual([]);
    });

    it('R5: a cycle is refused, and so is more than maxPayload', async () => {
      const app = await boot({ sagas: [TakingAnythingSaga] });
      const parent: Record<string, unknown> = { name: 'parent' };
      parent['child'] = { parent };
      const cycle = await errorOf(app.sagas.start(TakingAnythingSaga, parent), SagaInputError);
      expect(cycle.issues).toEqual([{ path: 'child.parent', message: 'refers back to an object that contains it; store an id instead' }]);
      const large = await errorOf(app.sagas.start(TakingAnythingSaga, { text: TOO_LARGE }), SagaInputError);
      expect(large.issues).toEqual([
        { path: '', message: 'has 307211 bytes, the limit (maxPayload) is 262144: keep it in a table of your own and pass its id' },
      ]);
      expect((await app.sagas.find()).items).toEqual([]);
    });

    it('R5: metadata and keys are stored too', async () => {
      const app = await boot({ sagas: [TakingAnythingSaga] });
      const start = async (options: object) => errorOf(app.sagas.start(TakingAnythingSaga, {}, options), SagaInputError);
      await expect(start({ metadata: { tenant: 'a\0b' } })).resolves.toMatchObject({ issues: [{ path: 'metadata.tenant' }] });
      await expect(start({ metadata: { tenant: undefined } })).resolves.toMatchObject({
        message: 'taking-anything was not started: metadata.tenant is undefined; metadata takes texts without U+0000 and lone surrogates.',
      });
      await expect(start({ key: '' })).resolves.toMatchObject({
        message:
          'taking-anything was not started: start({ key }) gave ""; it must be a text of 1 to 1000 bytes, without U+0000 and lone surrogates.',
      });
      await expect(start({ key: 'a\ud800' })).resolves.toMatchObject({ issues: [{ path: 'key' }] });
      await expect(start({ key: 'k'.repeat(1_001) })).resolves.toMatchObject({ issues: [{ path: 'key' }] });
      await expect(app.sagas.start(TakingAnythingSaga, {}, { key: 'k'.repeat(1_000) })).resolves.toMatchObject({ created: true });
    });

    it('R5: dates in the details of a refusal are dates wherever they are read', async () => {
      const app = await boot({ sagas: [DetailedRefusalSaga] });
      const saga = await app.sagas.start(DetailedRefusalSaga, {});
      const details = { closedAt: new Date('2026-01-01T00:00:00.000Z') };
      expect((await errorOf(saga.result(), SagaCompensatedError)).failure.details).toEqual(details);
      expect((await saga.view()).failure?.details).toEqual(details);
      expect(world().deeds).toEqual(['closed at 2026-01-01T00:00:00.000Z']);
      expect(app.heard.flatMap((event) => ('failure' in event ? [(event.failure as { details: unknown }).details] : []))).toEqual([
        details,
        details,
      ]);
    });

    it('R5: an error whose text cannot be stored is told all the same', async () => {
      @SagaDefinition({ name: 'garbled' })
      class GarbledSaga {
        @SagaStep({ kind: 'readonly' })
        async first() {}

        @SagaStep({ kind: 'readonly', when: () => garble() })
        async second(): Promise<undefined> {}
      }
      const garble = (): boolean => {
        throw new Error('garbled \0 and \ud800');
      };
      const app = await boot({ sagas: [GarbledSaga] });
      const saga = await app.sagas.start(GarbledSaga, {});
      const { failure } = await errorOf(saga.result({ timeout: '20s' }), SagaCompensatedError);
      expect(failure).toMatchObject({ step: 'second', code: 'SAGA_CONDITION_THREW' });
    });
  });
}
