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

/** Any that the lot leaves out is not proved here: a new one is a fault of the types first. */
const KINDS: Readonly<Record<EntryKind, true>> = {
  'saga-started': true,
  'step-fanned-out': true,
  'step-delayed': true,
  'step-waits': true,
  'step-skipped': true,
  'attempt-started': true,
  'child-chosen': true,
  'child-started': true,
  'child-recalled': true,
  'child-undoing': true,
  'attempt-failed': true,
  'attempt-deferred': true,
  'attempt-interrupted': true,
  'step-succeeded': true,
  'step-failed': true,
  'step-unknown': true,
  'compensation-succeeded': true,
  'compensation-failed': true,
  'compensation-skipped': true,
  'step-reopened': true,
  'compensation-reopened': true,
  'step-resolved': true,
  'compensation-resolved': true,
  'reply-ignored': true,
  'message-received': true,
  'cancel-requested': true,
  'alert-raised': true,
  'definition-changed': true,
  'unwinding-began': true,
  'retry-requested': true,
  'saga-paused': true,
  'saga-resumed': true,
  'saga-completed': true,
  'saga-compensated': true,
  'saga-stuck': true,
};

/** The laws are those of `witness.fixture.ts`, and of `rehearsal.fixture.ts` for each single decision. */
describe('any saga, whatever happens', () => {
  it('R4, R7–R11, R13–R17, R21, R22, R24, R27–R31: ends with all done, all undone, or stuck and saying why', () => {
    const ends = new Map<SagaStatus, number>();
    const kinds = new Map<EntryKind, number>();
    fc.assert(
      fc.property(randomSaga, happenings, (saga, lot) => {
        const run = new RandomRun(saga);
        watched(run, () => run.live(lot).finish());
        const { state, journal } = run.rehearsal;
        expect(ENDS).toContain(state.status);
        ends.set(state.status, (ends.get(state.status) ?? 0) + 1);
        for (const kind of new Set(journal.map((entry) => entry.kind))) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }),
      { numRuns: 8_000 },
    );
    // That the lot is a fair one: each end is common, and nothing that a journal may say is seldom said.
    expect(Math.min(...ENDS.map((end) => ends.get(end) ?? 0))).toBeGreaterThan(500);
    const seldom = Object.keys(KINDS).filter((kind) => (kinds.get(kind as EntryKind) ?? 0) < 20);
    expect(seldom).toEqual([]);
  }, 300_000);

  it('R2, R19: taken over at any point, with nothing but the journal, it ends just so', () => {
    fc.assert(
      fc.property(randomSaga, happenings, fc.nat(1_000), (saga, lot, pick) => {
        const first = new RandomRun(saga);
        watched(first, () => first.live(lot));
        const next = first.takenOver(pick);
        watched(next, () => next.finish());
        expect(ENDS).toContain(next.rehearsal.state.status);
      }),
      { numRuns: 2_500 },
    );
  }, 300_000);
});
