import fc from 'fast-check';

import type { EntryKind } from './journal.js';
import { happenings, RandomRun } from './random-facts.fixture.js';
import { randomSaga } from './random-saga.fixture.js';
import type { SagaStatus } from './saga-status.js';
import { transcriptOf } from './transcript.fixture.js';

const ENDS: readonly SagaStatus[] = ['completed', 'compensated', 'stuck'];

/** A law that is broken is told with the story that broke it. */
function watched(run: RandomRun, act: () => void): void {
  try {
    act();
  } catch (error) {
    const { now, journal } = run.rehearsal;
    throw new Error(`${String(error)}\n\nit is ${now}, and this happened:\n\n${transcriptOf(journal)}\n`, { cause: error });
  }
}

/** The laws are those of `witness.fixture.ts`, and of `rehearsal.fixture.ts` for each single decision. */
describe('any saga, whatever happens', () => {
  it('R4, R7–R11, R13–R17, R21, R22, R24, R28–R30: ends with all done, all undone, or stuck and saying why', () => {
    const ends = new Map<SagaStatus, number>();
    const kinds = new Set<EntryKind>();
    fc.assert(
      fc.property(randomSaga, happenings, (saga, lot) => {
        const run = new RandomRun(saga);
        watched(run, () => run.live(lot).finish());
        const { state, journal } = run.rehearsal;
        expect(ENDS).toContain(state.status);
        ends.set(state.status, (ends.get(state.status) ?? 0) + 1);
        for (const { kind } of journal) kinds.add(kind);
      }),
      { numRuns: 3_000 },
    );
    // That the lot is a fair one: each end is common, and nothing that a journal may say stays unsaid.
    expect(Math.min(...ENDS.map((end) => ends.get(end) ?? 0))).toBeGreaterThan(100);
    expect(kinds.size).toBeGreaterThanOrEqual(27);
  }, 60_000);

  it('R2, R19: taken over at any point, with nothing but the journal, it ends just so', () => {
    fc.assert(
      fc.property(randomSaga, happenings, fc.nat(1_000), (saga, lot, pick) => {
        const first = new RandomRun(saga);
        watched(first, () => first.live(lot));
        const next = first.takenOver(pick);
        watched(next, () => next.finish());
        expect(ENDS).toContain(next.rehearsal.state.status);
      }),
      { numRuns: 1_000 },
    );
  }, 60_000);
});
